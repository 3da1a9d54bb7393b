"""The benchmark `whole_way`: raw topics to triggers, all four stages live on this machine."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from benchmarks.core.shop import later_values
from benchmarks.lab import ROOT, Lab
from benchmarks.live.feeder import Message, Wanted, feeding, prepared
from benchmarks.live.probing import PARTS, Probe, at_share, consents, first_orders, timed
from benchmarks.live.progress import moment, until_collected, until_decided
from benchmarks.live.way_picture import draw
from benchmarks.peers.meter import peak_mb
from benchmarks.record import RESULTS
from benchmarks.result import Cell, Goal, Result, Table
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.topics import raw_topic
from streamproc.processor.partitioner import partition_of
from streamproc.settings.stages import STAGES
from tests.system.living_system import LivingSystem

BACKLOG = 60_000
WARM = 6_000
CUSTOMERS = 5_000
PROBES = 300
PROBE_SECONDS = 15.0
LOAD = 0.4

WANTED_MS = {0.2: {0.5: 250, 0.99: 600}, 0.1: {0.99: 400}}
"""By seconds between checkpoints: milliseconds that such a share of the probes is not to exceed."""

TOPIC_OF = {name: raw_topic(event) for name, event in EVENT_TYPES.items()}

Shares = Mapping[str, float]
"""How many cores each process takes."""


@dataclass(frozen=True)
class Way:
    """What was measured with one interval between checkpoints."""

    checkpoint_seconds: float
    rate: float
    backlog: Shares
    load: Shares
    peak_mb: Mapping[str, int]
    kept: Counter[str]
    probes: Sequence[Probe]


def run(lab: Lab) -> Result:
    """For each interval a backlog first, then 0.4 of that rate with probes."""
    began = time.monotonic()
    ways = [asyncio.run(_measure(lab, seconds)) for seconds in WANTED_MS]
    picture = RESULTS / "whole_way.svg"
    draw(picture, f"First orders at {LOAD} of the load, checkpoints of {ways[0].checkpoint_seconds} s", ways[0].probes)
    return Result(
        "whole_way",
        "Raw JSON events of a consumer shop through collect, decide, learn and measure, exactly once, with the shipped "
        "configuration; broker, generator and reader on the same cores",
        {
            "events of the backlog": BACKLOG,
            "customers": CUSTOMERS,
            "probes": f"{PROBES} first orders in {0.8 * PROBE_SECONDS:.0f} s",
            "load beside them": f"{LOAD} of the backlog's rate",
            "seconds in all": round(time.monotonic() - began),
            "other work on the machine, processes that want a core": f"{os.getloadavg()[2]:.1f} within 15 minutes",
        },
        [_rates(ways), *map(_processes, ways), _latencies(ways), _on_disk(ways[0])],
        [goal for way in ways for goal in _goals(way)],
        [f"picture: {picture.relative_to(ROOT)}"],
    )


def _rates(ways: Sequence[Way]) -> Table:
    rows = [(f"{way.checkpoint_seconds} s", round(way.rate), round(LOAD * way.rate)) for way in ways]
    return Table("Events/s", ("checkpoint", "backlog", "beside the probes"), rows)


def _processes(way: Way) -> Table:
    """All of them: what the stages do not take, somebody else does."""
    rows: list[Sequence[Cell]] = [
        (name, f"{way.backlog[name]:.0%}", f"{way.load[name]:.0%}", way.peak_mb.get(name)) for name in way.load
    ]
    rows.append(("all", f"{sum(way.backlog.values()):.0%}", f"{sum(way.load.values()):.0%}", None))
    columns = ("process", "CPU with the backlog", "CPU with probes", "peak MB")
    return Table(f"Checkpoints of {way.checkpoint_seconds} s, 100 % is one core", columns, rows)


def _latencies(ways: Sequence[Way]) -> Table:
    rows: list[Sequence[Cell]] = []
    for way in ways:
        for part, text in PARTS.items():
            found = [getattr(probe, part) for probe in way.probes]
            rows.append((f"{way.checkpoint_seconds} s", text, *(at_share(found, share) for share in (0.5, 0.9, 0.99))))
    return Table("Where a first order waits, milliseconds", ("checkpoint", "from … to", "p50", "p90", "p99"), rows)


def _on_disk(way: Way) -> Table:
    written = Counter({topic: size for topic, size in way.kept.items() if topic not in TOPIC_OF.values()})
    rows = [("all that the stages write", written.total()), *written.most_common(6)]
    return Table(
        "On Kafka's disk", ("topic", "bytes for an event"), [(name, round(size / BACKLOG)) for name, size in rows]
    )


def _goals(way: Way) -> Iterator[Goal]:
    for share, wanted in WANTED_MS[way.checkpoint_seconds].items():
        measured = at_share([probe.whole for probe in way.probes], share)
        what = f"p{100 * share:.0f} at {LOAD} of the load, checkpoints of {way.checkpoint_seconds} s"
        yield Goal(what, f"{wanted} ms", f"{measured} ms", measured <= wanted)


async def _measure(lab: Lab, seconds: float) -> Way:
    folder = lab.folder / lab.name("whole")
    async with LivingSystem(lab.servers, folder, STREAMPROC_RUNTIME__CHECKPOINT_SECONDS=str(seconds)) as system:
        with feeding(lab, _prepared(lab, system, later_values(BACKLOG, CUSTOMERS))) as feeder:
            pids = _pids(system, lab, feeder.pid)
            await until_collected(system, WARM)
            warm = moment(pids)
            await until_collected(system, BACKLOG)
            await until_decided(system)
            done, kept = moment(pids), _bytes_kept(system, lab)
        rate = (BACKLOG - WARM) / (done.at - warm.at)
        with feeding(lab, _prepared(lab, system, consents(PROBES))) as feeder:
            await asyncio.to_thread(feeder.wait)
        await until_decided(system)
        load = later_values(int(LOAD * rate * PROBE_SECONDS), CUSTOMERS, seed=9)
        with feeding(lab, _prepared(lab, system, load, LOAD * rate)) as feeder:
            pids = _pids(system, lab, feeder.pid)
            began = moment(pids)
            sent = await first_orders(system, PROBES, 0.8 * PROBE_SECONDS)
            ended = moment(pids)
        peaks = {name: peak_mb(pid) for name, pid in _pids(system, lab).items()}
        probes = await timed(system, sent)
    return Way(seconds, rate, done.shares_since(warm), ended.shares_since(began), peaks, kept, probes)


def _prepared(lab: Lab, system: LivingSystem, events: Iterator[dict[str, object]], per_second: float = 0.0) -> Wanted:
    topics = system.configuration.catalogue

    def message(values: dict[str, object]) -> Message:
        topic, key = TOPIC_OF[str(values["type"])], str(values["customer_id"])
        number = partition_of(key.encode(), topics[topic].partitions)
        return system.prefix + topic, number, key, orjson.dumps(values).decode()

    return prepared(lab, [message(values) for values in events], per_second)


def _bytes_kept(system: LivingSystem, lab: Lab) -> Counter[str]:
    """How many bytes of records the broker has of each topic, before and after compaction."""
    kept: Counter[str] = Counter()
    for segment in lab.folder.rglob(f"{system.prefix}*/*.log"):
        topic = segment.parent.name.removeprefix(system.prefix).rpartition("-")[0]
        kept[topic] += segment.stat().st_size
    return kept


def _pids(system: LivingSystem, lab: Lab, generator: int | None = None) -> dict[str, int]:
    processes = {stage: system.child(stage).process for stage in STAGES}
    stages = {stage: process.pid for stage, process in processes.items() if process}
    beside = {} if generator is None else {"generator": generator}
    return stages | {"broker": lab.broker_pid} | beside | {"prober and reader": os.getpid()}
