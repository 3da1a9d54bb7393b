"""A process of its own that sends prepared messages, in batches, at a given pace.

Against a generator that takes more than a core beside what is measured, as one does that encodes and sends each message
by itself in the benchmark's event loop.
"""

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from subprocess import Popen

import orjson
from aiokafka import AIOKafkaProducer

from benchmarks.lab import BATCH_BYTES, Lab, module, process

TICK_SECONDS = 0.02
STARTED = b"started"

Message = tuple[str, int, str, str]
"""Topic, partition, key and value."""


@dataclass(frozen=True)
class Wanted:
    """What the feeder is told, as JSON in its only argument; a rate of 0 is as fast as it goes."""

    servers: str
    file: str
    per_second: float


def prepare(path: Path, messages: Iterable[Message]) -> None:
    """Write down what is to be sent, one message a line."""
    with path.open("wb") as file:
        file.writelines(orjson.dumps(message) + b"\n" for message in messages)


@contextmanager
def feeding(lab: Lab, wanted: Wanted) -> Iterator[Popen[bytes]]:
    """A feeder, from its first message."""
    output = lab.folder / f"{lab.name('feeder')}.txt"
    with process(module("benchmarks.live.feeder", orjson.dumps(asdict(wanted)).decode()), output) as feeder:
        while STARTED not in output.read_bytes():
            if feeder.poll() is not None:
                raise AssertionError(output.read_text())
            time.sleep(TICK_SECONDS)
        yield feeder


async def feed(wanted: Wanted, messages: Sequence[Message]) -> None:
    """Send all; what is due within a tick goes out as one batch for each partition."""
    async with AIOKafkaProducer(bootstrap_servers=wanted.servers, max_batch_size=BATCH_BYTES) as producer:
        print(STARTED.decode(), flush=True)
        began, sent = time.monotonic(), 0
        while sent < len(messages):
            due = int((time.monotonic() - began) * wanted.per_second) if wanted.per_second else sent + 2_000
            await _send(producer, messages[sent:due])
            sent = max(sent, due)
            await asyncio.sleep(TICK_SECONDS if wanted.per_second else 0)
        await producer.flush()


async def _send(producer: AIOKafkaProducer, messages: Sequence[Message]) -> None:
    place = itemgetter(0, 1)
    for (topic, partition), rows in groupby(sorted(messages, key=place), place):
        batch = producer.create_batch()
        for _, _, key, value in rows:
            if batch.append(key=key.encode(), value=value.encode(), timestamp=None) is None:
                await producer.send_batch(batch, topic, partition=partition)
                batch = producer.create_batch()
                batch.append(key=key.encode(), value=value.encode(), timestamp=None)
        await producer.send_batch(batch, topic, partition=partition)


if __name__ == "__main__":
    told = Wanted(**orjson.loads(sys.argv[1]))
    asyncio.run(feed(told, [orjson.loads(line) for line in Path(told.file).read_bytes().splitlines()]))
