"""A process of its own that sends prepared messages, in batches, at a given pace.

Against a generator that takes more than a core beside what is measured, as one does that encodes and sends each message
by itself in the benchmark's event loop.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle, groupby, islice
from operator import itemgetter
from pathlib import Path
from subprocess import Popen

import orjson
from aiokafka import AIOKafkaProducer

from benchmarks.lab import BATCH_BYTES, Lab, module, process

TICK_SECONDS = 0.02
AT_ONCE = 2_000
STARTED = b"started"

Message = tuple[str, int, str, str]
"""Topic, partition, key and value."""


NOW = "@now"
"""Stands in a value where the time of sending is to stand, in seconds."""


@dataclass(frozen=True)
class Wanted:
    """What the feeder is told, as JSON in its only argument.

    Attributes:
        servers: of Kafka.
        file: the prepared messages, which are sent over and over.
        count: how many messages in all.
        per_second: the pace; 0 is as fast as it goes.
    """

    servers: str
    file: str
    count: int
    per_second: float = 0.0


def prepared(lab: Lab, messages: Sequence[Message], per_second: float = 0.0, count: int | None = None) -> Wanted:
    """Write down what is to be sent, each once if no count says more, one message a line."""
    path = lab.folder / lab.name("messages")
    path.write_bytes(b"\n".join(map(orjson.dumps, messages)))
    return Wanted(lab.servers, str(path), len(messages) if count is None else count, per_second)


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
        began, sent, left = time.monotonic(), 0, cycle(messages)
        while sent < wanted.count:
            due = int((time.monotonic() - began) * wanted.per_second) if wanted.per_second else sent + AT_ONCE
            await _send(producer, list(islice(left, min(due, wanted.count) - sent)))
            sent = due
            await asyncio.sleep(TICK_SECONDS if wanted.per_second else 0)
        await producer.flush()


async def _send(producer: AIOKafkaProducer, messages: Sequence[Message]) -> None:
    place, now = itemgetter(0, 1), f"{time.time():.4f}"
    for (topic, partition), rows in groupby(sorted(messages, key=place), place):
        batch = producer.create_batch()
        for _, _, key, value in rows:
            row = {"key": key.encode(), "value": value.replace(NOW, now).encode(), "timestamp": None}
            if batch.append(**row) is None:
                await producer.send_batch(batch, topic, partition=partition)
                batch = producer.create_batch()
                batch.append(**row)
        await producer.send_batch(batch, topic, partition=partition)


if __name__ == "__main__":
    told = Wanted(**orjson.loads(sys.argv[1]))
    asyncio.run(feed(told, [orjson.loads(line) for line in Path(told.file).read_bytes().splitlines()]))
