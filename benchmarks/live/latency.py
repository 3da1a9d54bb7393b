"""The benchmark `latency`: from producing an event to reading its output, committed, at half load."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.lab import Lab
from benchmarks.live.pulse import Wanted
from benchmarks.live.watching import watched
from benchmarks.result import Cell, Result, Table

PARTITIONS = 4
CHECKPOINTS = (0.05, 0.1, 0.2)
BURST = 100_000
SECONDS = 8.0
WARM_SECONDS = 2.0
TICK_SECONDS = 0.005
EVERY = 10
KEYS = 500
PAD = "x" * 170


@dataclass(frozen=True)
class Latencies:
    """Milliseconds, sorted."""

    found: list[float]

    def at(self, share: float) -> float:
        """The latency that so many do not exceed."""
        return self.found[min(len(self.found) - 1, int(share * len(self.found)))]


def run(lab: Lab) -> Result:
    """For each checkpoint interval; the load is half of what one worker does on this machine now."""
    rate = asyncio.run(_full_load(lab)) / 2
    rows: list[Sequence[Cell]] = []
    for checkpoint in CHECKPOINTS:
        found = asyncio.run(_measure(lab, checkpoint, rate))
        cells = [round(found.at(share), 1) for share in (0.5, 0.9, 0.99)]
        rows.append((f"{checkpoint * 1000:.0f} ms", *cells, round(found.found[-1], 1), len(found.found)))
    return Result(
        "latency",
        "From produce (of JSON events of about 220 bytes) to the output in the hands of a read_committed reader; "
        "producer, broker, worker and reader on the same cores",
        {
            "events/s, half of the full load": round(rate),
            "partitions": PARTITIONS,
            "seconds each": SECONDS,
            "outputs": f"each {EVERY}th event of {KEYS} keys",
        },
        [Table("Milliseconds", ("checkpoint", "p50", "p90", "p99", "highest", "outputs"), rows)],
    )


async def _full_load(lab: Lab) -> float:
    """Events a second of a backlog, commits included, as the broker sees them."""
    wanted = await _topics(lab, 0.2)
    value = orjson.dumps({"at": time.time(), "pad": PAD})
    await lab.fill(wanted.topics[0], ((n % PARTITIONS, b"k%d" % (n % KEYS), value) for n in range(BURST)))
    with watched(lab, wanted) as worker:
        await asyncio.to_thread(worker.wait_ready, PARTITIONS)
        began = worker.ready_at(PARTITIONS) or 0.0
        seen = 0
        async with _reader(lab, wanted) as reader:
            while seen < BURST // EVERY - KEYS:
                seen += sum(map(len, (await reader.getmany(timeout_ms=50)).values()))
        return seen * EVERY / (time.time() - began)


async def _measure(lab: Lab, checkpoint: float, rate: float) -> Latencies:
    wanted = await _topics(lab, checkpoint)
    found: list[float] = []
    with watched(lab, wanted) as worker:
        await asyncio.to_thread(worker.wait_ready, PARTITIONS)
        async with _reader(lab, wanted) as reader:
            began = time.time()
            sending = asyncio.create_task(_send(lab, wanted, rate))
            while not sending.done():
                for records in (await reader.getmany(timeout_ms=20)).values():
                    now = time.time()
                    made = [orjson.loads(record.value)["at"] for record in records]
                    found += [1000 * (now - at) for at in made if at > began + WARM_SECONDS]
            await sending
    return Latencies(sorted(found))


async def _topics(lab: Lab, checkpoint: float) -> Wanted:
    name = lab.name("latency")
    wanted = Wanted(lab.servers, name, str(lab.folder / f"{name}.state"), EVERY, checkpoint_seconds=checkpoint)
    await lab.create(dict.fromkeys(wanted.topics, PARTITIONS))
    return wanted


def _reader(lab: Lab, wanted: Wanted) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        wanted.topics[2],
        **lab.client,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
    )


async def _send(lab: Lab, wanted: Wanted, rate: float) -> None:
    async with AIOKafkaProducer(**lab.client, linger_ms=2) as producer:
        began, sent = time.time(), count()
        number = next(sent)
        while time.time() - began < SECONDS:
            due = int((time.time() - began) * rate)
            while number < due:
                value = orjson.dumps({"at": time.time(), "pad": PAD})
                await producer.send(wanted.topics[0], value, b"k%d" % (number % KEYS), partition=number % PARTITIONS)
                number = next(sent)
            await asyncio.sleep(TICK_SECONDS)
        await producer.flush()
