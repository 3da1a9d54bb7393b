"""The benchmark `latency`: from producing an event to reading its output, committed, at 0.4 of the full load."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from aiokafka import AIOKafkaConsumer

from benchmarks.lab import Lab
from benchmarks.live.feeder import NOW, Message, feeding, prepared
from benchmarks.live.progress import moment
from benchmarks.live.pulse import Wanted
from benchmarks.live.watching import watched
from benchmarks.result import Cell, Goal, Result, Table

PARTITIONS = 4
CHECKPOINTS = (0.05, 0.1, 0.2)
BURST = 100_000
SECONDS = 8.0
WARM_SECONDS = 2.0
LOAD = 0.4
WANTED_MS = {0.2: 190}
EVERY = 10
KEYS = 500
PAD = "x" * 170


@dataclass(frozen=True)
class Latencies:
    """Milliseconds, sorted, and how many cores each process took meanwhile."""

    found: list[float]
    cpu: Mapping[str, float]

    def at(self, share: float) -> float:
        """The latency that so many do not exceed."""
        return round(self.found[min(len(self.found) - 1, int(share * len(self.found)))], 1)


def run(lab: Lab) -> Result:
    """For each checkpoint interval; the load is 0.4 of what one worker does on this machine now."""
    rate = LOAD * asyncio.run(_full_load(lab))
    each = {seconds: asyncio.run(_measure(lab, seconds, rate)) for seconds in CHECKPOINTS}
    return Result(
        "latency",
        "From produce (of JSON events of about 220 bytes) to the output in the hands of a read_committed reader; "
        "generator, broker, worker and reader on the same cores",
        {
            f"events/s, {LOAD} of the full load": round(rate),
            "partitions": PARTITIONS,
            "seconds each": SECONDS,
            "outputs": f"each {EVERY}th event of {KEYS} keys",
            "other work on the machine, processes that want a core": f"{os.getloadavg()[2]:.1f} within 15 minutes",
        },
        [_milliseconds(each), _processes(each)],
        [
            Goal(f"p99 at checkpoints of {seconds} s", f"{wanted} ms", f"{each[seconds].at(0.99)} ms", met)
            for seconds, wanted in WANTED_MS.items()
            for met in [each[seconds].at(0.99) <= wanted]
        ],
    )


def _milliseconds(each: Mapping[float, Latencies]) -> Table:
    rows: list[Sequence[Cell]] = [
        (f"{1000 * seconds:.0f} ms", *map(found.at, (0.5, 0.9, 0.99, 1)), len(found.found))
        for seconds, found in each.items()
    ]
    return Table("Milliseconds", ("checkpoint", "p50", "p90", "p99", "highest", "outputs"), rows)


def _processes(each: Mapping[float, Latencies]) -> Table:
    rows: list[Sequence[Cell]] = [
        (f"{1000 * seconds:.0f} ms", *(f"{share:.0%}" for share in found.cpu.values()))
        for seconds, found in each.items()
    ]
    names = next(iter(each.values())).cpu
    return Table("CPU, 100 % is one core", ("checkpoint", *names), rows)


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
    messages = prepared(lab, _messages(wanted.topics[0]), rate, int(rate * SECONDS))
    with watched(lab, wanted) as worker:
        await asyncio.to_thread(worker.wait_ready, PARTITIONS)
        async with _reader(lab, wanted) as reader:
            with feeding(lab, messages) as feeder:
                processes = {"worker": worker.process, "generator": feeder}
                pids = {name: each.pid for name, each in processes.items()}
                pids |= {"broker": lab.broker_pid, "reader": os.getpid()}
                began = moment(pids)
                found = await _arrived(reader)
                ended = moment(pids)
    return Latencies(sorted(found), ended.shares_since(began))


async def _arrived(reader: AIOKafkaConsumer) -> list[float]:
    """The age in milliseconds of each output that is read within the time, when it is read."""
    began, found = time.time(), list[float]()
    while time.time() < began + SECONDS:
        made = [
            orjson.loads(record.value)["at"]
            for records in (await reader.getmany(timeout_ms=20)).values()
            for record in records
        ]
        now = time.time()
        found += [1000 * (now - at) for at in made if at > began + WARM_SECONDS]
    return found


def _messages(topic: str) -> list[Message]:
    """One for each key, with the time of sending to be filled in."""
    value = f'{{"at":{NOW},"pad":"{PAD}"}}'
    return [(topic, number % PARTITIONS, f"k{number}", value) for number in range(KEYS)]


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
