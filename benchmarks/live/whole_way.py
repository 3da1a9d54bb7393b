"""The benchmark `whole_way`: raw topics to triggers, all four stages live on this machine."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from benchmarks.core.shop import later_values
from benchmarks.lab import Lab
from benchmarks.peers.meter import peak_mb
from benchmarks.result import Cell, Result, Table
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.times import rfc3339
from streamproc.events.topics import LOG_TOPIC, raw_topic, trigger_topic
from streamproc.runtime.client.reading import follow
from streamproc.runtime.client.topic_ids import describe
from streamproc.settings.stages import STAGES
from tests.system.living_system import LivingSystem

BACKLOG = 60_000
WARM = 6_000
CUSTOMERS = 5_000
PROBES = 300
PROBE_SECONDS = 15.0
PATIENCE_SECONDS = 300.0
MARKERS = 16
"""At most so many stand at the end of a partition."""

TOPIC_OF = {name: raw_topic(event) for name, event in EVENT_TYPES.items()}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Moment:
    """The clock, and the CPU seconds of each process."""

    at: float
    cpu: dict[str, float]


def run(lab: Lab) -> Result:
    """A backlog first, then half of that rate with probes."""
    return asyncio.run(_run(lab))


async def _run(lab: Lab) -> Result:
    folder = lab.folder / lab.name("whole")
    async with LivingSystem(lab.servers, folder) as system:
        began = time.monotonic()
        await _send(system, later_values(BACKLOG, CUSTOMERS), None)
        first = await _until(system, lab, WARM)
        last = await _until(system, lab, BACKLOG)
        rate = (BACKLOG - WARM) / (last.at - first.at)
        rows: list[Sequence[Cell]] = [
            (name, f"{(last.cpu[name] - first.cpu[name]) / (last.at - first.at):.0%}", peak_mb(pid))
            for name, pid in _pids(system, lab).items()
        ]
        kept = _bytes_kept(system, lab)
        found = sorted(await _probe(system, rate / 2))
    at = {share: round(found[min(len(found) - 1, int(share * len(found)))]) for share in (0.5, 0.9, 0.99)}
    return Result(
        "whole_way",
        "Raw JSON events of a consumer shop through collect, decide, learn and measure, exactly once, with the shipped "
        "configuration; broker, producer and reader on the same cores",
        {
            "events": BACKLOG,
            "customers": CUSTOMERS,
            "events/s, backlog": round(rate),
            "latency at events/s": round(rate / 2),
            "seconds in all": round(time.monotonic() - began),
        },
        [
            Table("While the backlog is worked off (100 % is one core)", ("process", "CPU", "peak MB"), rows),
            Table("On Kafka's disk", ("topic", "bytes for an event"), _for_an_event(kept)),
            Table(
                "From producing a first order to its trigger, read committed, milliseconds",
                ("p50", "p90", "p99", "probes"),
                [(at[0.5], at[0.9], at[0.99], len(found))],
            ),
        ],
    )


def _pids(system: LivingSystem, lab: Lab) -> dict[str, int]:
    processes = {stage: system.child(stage).process for stage in STAGES}
    return {stage: process.pid for stage, process in processes.items() if process} | {"broker": lab.broker_pid}


def _bytes_kept(system: LivingSystem, lab: Lab) -> Counter[str]:
    """How many bytes of records the broker has of each topic that the stages write, before and after compaction."""
    kept: Counter[str] = Counter()
    for segment in lab.folder.rglob(f"{system.prefix}*/*.log"):
        topic = segment.parent.name.removeprefix(system.prefix).rpartition("-")[0]
        kept[topic] += segment.stat().st_size
    return kept


def _for_an_event(kept: Counter[str]) -> list[Sequence[Cell]]:
    written = {topic: size for topic, size in kept.items() if topic not in TOPIC_OF.values()}
    rows: list[Sequence[Cell]] = [("all that the stages write", round(sum(written.values()) / BACKLOG))]
    return rows + [(topic, round(size / BACKLOG)) for topic, size in Counter(written).most_common(6)]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _until(system: LivingSystem, lab: Lab, events: int) -> Moment:
    """When so many raw events are collected, and decide has done all that is in the log then."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        collected = sum((await _committed(system, "collect")).values())
        if collected >= events:
            ends = await _ends(system, system.prefix + LOG_TOPIC)
            decided = await _committed(system, "decide")
            if events < BACKLOG or all(decided.get(place, 0) >= end for place, end in ends.items()):
                return Moment(time.monotonic(), {name: _cpu_seconds(pid) for name, pid in _pids(system, lab).items()})
        await asyncio.sleep(0.1)
    raise AssertionError("\n".join(system.lines[-30:]))


async def _committed(system: LivingSystem, stage: str) -> dict[TopicPartition, int]:
    admin = AIOKafkaAdminClient(**system.client)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(f"{system.prefix}streamproc-{stage}")
    except GroupCoordinatorNotAvailableError:  # the first group of a new broker
        return {}
    finally:
        await admin.close()
    return {TopicPartition(*place): max(0, held.offset) for place, held in offsets.items()}


async def _ends(system: LivingSystem, topic: str) -> dict[TopicPartition, int]:
    """How far decide must come: behind the last record of a partition there are markers of transactions."""
    identity = (await describe(system.client, [topic]))[topic]
    async with AIOKafkaConsumer(**system.client, isolation_level="read_committed", enable_auto_commit=False) as reader:
        places = [TopicPartition(topic, number) for number in range(identity.partitions)]
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
    return {place: max(0, end - MARKERS) for place, end in ends.items()}


async def _send(system: LivingSystem, events: Iterator[dict[str, object]], per_second: float | None) -> None:
    async with AIOKafkaProducer(**system.client, linger_ms=5) as producer:
        began = time.monotonic()
        for number, values in enumerate(events):
            topic = system.prefix + TOPIC_OF[str(values["type"])]
            await producer.send(topic, orjson.dumps(values), str(values["customer_id"]).encode())
            if per_second and number % 50 == 0:
                await asyncio.sleep(max(0.0, number / per_second - (time.monotonic() - began)))
        await producer.flush()


async def _probe(system: LivingSystem, rate: float) -> list[float]:
    """Milliseconds from producing first orders, of customers with consent, to their triggers, under load."""
    now = rfc3339(time.time_ns() // 1_000_000)
    names = [f"probe-{number:05d}" for number in range(PROBES)]
    common: dict[str, object] = {"occurred_at": now}
    said = {"type": "consent_changed", "channel": "email", "granted": True}
    consents = (common | said | {"event_id": f"{name}-c", "customer_id": name} for name in names)
    await _send(system, consents, None)
    await asyncio.sleep(2)
    sent: dict[str, float] = {}
    found: list[float] = []

    async def read() -> None:
        topic = system.prefix + trigger_topic("first_order")
        async for record in follow(system.client, [topic], from_start=False):
            customer = (record.key or b"").decode().removeprefix("c/")
            if customer in sent:
                found.append(1000 * (time.time() - sent[customer]))

    load = asyncio.create_task(_send(system, later_values(int(rate * PROBE_SECONDS), CUSTOMERS, seed=9), rate))
    reading = asyncio.create_task(read())
    await asyncio.sleep(1)
    async with AIOKafkaProducer(**system.client, linger_ms=0) as producer:
        for name in names:
            line = {"sku": "mug", "quantity": 1, "unit_price": 5_000_000}
            order = common | {"event_id": name, "type": "order_placed", "customer_id": name, "order_id": name}
            order |= {"currency": "GBP", "lines": [line]}
            sent[name] = time.time()
            await producer.send(system.prefix + "shop.purchase.v1", orjson.dumps(order), name.encode())
            await asyncio.sleep(PROBE_SECONDS * 0.8 / PROBES)
    await load
    await asyncio.sleep(3)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return found
