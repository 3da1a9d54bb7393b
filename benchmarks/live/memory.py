"""The benchmark `memory`: a worker of decide with many partitions and up to a million customers."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import orjson
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.partitioner import murmur2

from benchmarks.core.model import bank_with_model
from benchmarks.core.shop import known_customers, later_values
from benchmarks.lab import Lab, Row, module, process
from benchmarks.live.decider import Wanted
from benchmarks.live.watching import Watched, until
from benchmarks.peers.meter import peak_mb, resident_mb
from benchmarks.result import Goal, Result, Table
from benchmarks.wholesale import ROOT, plan_of
from streamproc.customer.codec import encode
from streamproc.customer.state import Customer
from streamproc.decide.stage import stage
from streamproc.events.adapters.native import parse
from streamproc.events.log import encode_record
from streamproc.events.raw import Event
from streamproc.events.subject import subject_of
from streamproc.events.times import epoch_ms
from streamproc.events.topics import DECIDE_STATE_TOPIC, LOG_TOPIC
from streamproc.runtime.client.topic_ids import describe
from streamproc.runtime.state.source_position import POSITION_KEY, SourcePosition
from streamproc.runtime.worker.layout import topics_of

CASES = ((16, 10_000), (48, 10_000), (16, 1_000_000))
TEMPLATES = 500
EVENTS_EACH = 20
EVENTS = 60_000
LIMIT_MB = 1_536


@dataclass(frozen=True)
class Found:
    """What one case took."""

    ready_mb: int
    peak_mb: int
    recovery_per_second: float
    events_per_second: float


def run(lab: Lab) -> Result:
    """Each case from an empty directory."""
    plan = plan_of(ROOT / "config")
    customers = known_customers(TEMPLATES, plan, bank_with_model(plan.models["churn"]), EVENTS_EACH)
    found = {case: asyncio.run(_measure(lab, customers, *case)) for case in CASES}
    rows = [
        (
            f"{size:,}",
            partitions,
            each.ready_mb,
            each.peak_mb,
            round(each.recovery_per_second),
            round(each.events_per_second),
        )
        for (partitions, size), each in found.items()
    ]
    small, large = found[CASES[0]], found[CASES[2]]
    each_bytes = (large.peak_mb - small.peak_mb) * 2**20 / (CASES[2][1] - CASES[0][1])
    return Result(
        "memory",
        f"A worker of decide takes over its partitions from the changelog and works on {EVENTS:,} events of customers "
        "drawn at random",
        {
            "state, mean bytes": sum(len(encode(customer)) for customer in customers) // len(customers),
            "memory per customer, bytes": round(each_bytes),
        },
        [
            Table(
                "Resident memory of the process",
                ("customers", "log partitions", "after recovery MB", "peak MB", "recovered keys/s", "events/s"),
                rows,
            )
        ],
        [
            Goal(
                "16 partitions and 1,000,000 customers",
                f"<= {LIMIT_MB} MB",
                f"{large.peak_mb} MB",
                large.peak_mb <= LIMIT_MB,
            )
        ],
        ["events/s from a cold cache, with all other processes of the benchmark on the same cores"],
    )


async def _measure(lab: Lab, customers: Sequence[Customer], partitions: int, size: int) -> Found:
    name = lab.name("memory")
    wanted = Wanted(lab.servers, f"{name}.", str(lab.folder / name))
    names = topics_of(stage(plan_of(ROOT / "config"), b"", ()))
    await lab.create({wanted.prefix + topic: partitions for topic in names})
    source = wanted.prefix + LOG_TOPIC
    topic_id = (await describe(lab.client, [source]))[source].topic_id
    await lab.fill(wanted.prefix + DECIDE_STATE_TOPIC, _states(customers, topic_id, partitions, size))
    output = lab.folder / f"{name}.txt"
    with process(module("benchmarks.live.decider", orjson.dumps(asdict(wanted)).decode()), output) as started:
        worker = Watched(started, output)
        await asyncio.to_thread(worker.wait_ready, partitions)
        recovered = worker.said("recovered")
        began = min(line["at"] - line["seconds"] for line in recovered)
        recovery = size / (max(line["at"] for line in recovered) - began)
        ready = resident_mb(started.pid)
        await lab.fill(source, _events(partitions, size))
        at = time.monotonic()
        await asyncio.to_thread(until, lambda: asyncio.run(_committed(lab, wanted.group)) >= EVENTS, worker)
        rate = EVENTS / (time.monotonic() - at)
        peak = peak_mb(started.pid)
        worker.stop()
    return Found(ready, peak, recovery, rate)


def _states(customers: Sequence[Customer], topic_id: str, partitions: int, size: int) -> Iterator[Row]:
    """Encoded customers under new keys, and the mark that they belong to the beginning of the log."""
    for partition in range(partitions):
        yield partition, POSITION_KEY, SourcePosition(topic_id, 0).encode()
    templates = [encode(customer) for customer in customers]
    for number in range(size):
        key = b"c/c%09d" % number
        template, own = templates[number % len(templates)], customers[number % len(templates)].key.encode()
        yield murmur2(key) % partitions, key, template.replace(own, key)


def _events(partitions: int, customers: int) -> Iterator[Row]:
    for values in later_values(EVENTS, customers):
        event = parse(orjson.dumps(values))
        if not isinstance(event, Event):
            raise TypeError(f"{values} is no event")
        key = subject_of(event).key.encode()
        at_ms = epoch_ms(event.occurred_at)
        yield murmur2(key) % partitions, key, encode_record(event, at_ms, at_ms)


async def _committed(lab: Lab, group: str) -> int:
    admin = AIOKafkaAdminClient(**lab.client)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return sum(max(0, held.offset) for held in offsets.values())
