"""The benchmark `peers`: the reference job on all systems, alternating in one run on one broker and one backlog.

CPU is compared first: how many events a second go through on a shared machine says as much of the machine.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import median

import orjson
from aiokafka.partitioner import murmur2

from benchmarks.lab import Lab, Row, module, process
from benchmarks.peers.environments import kafka_streams_command, quix_python
from benchmarks.peers.job import CUSTOMERS, EVERY, PARTITIONS, event
from benchmarks.peers.meter import Wanted
from benchmarks.result import Goal, Result, Table, spread

FAUST_EVENTS = 20_000
SEED = 7
PATIENCE_SECONDS = 600.0

OURS, OURS_RARELY = "streamproc, exactly once, 0.2 s", "streamproc, exactly once, 5 s"
QUIX, QUIX_ONCE = "Quix Streams 3.28.1, at least once, 5 s", "Quix Streams 3.28.1, exactly once, 0.2 s"
STREAMS, STREAMS_ONCE = "Kafka Streams 4.3.1, at least once, 5 s", "Kafka Streams 4.3.1, exactly once, 0.1 s"
FAUST = "Faust table agent"


@dataclass(frozen=True)
class Backlog:
    """What all systems process, and how often each does."""

    topic: str
    events: int
    ballast: int
    rounds: int
    caption: str


BACKLOGS = (
    Backlog("purchases", 1_000_000, 0, 3, "1,000,000 events, states of 310 bytes"),
    Backlog("purchases-2k", 200_000, 1_700, 2, "200,000 events, states of 2,000 bytes"),
)
"""A million events, so that a virtual machine of Java is warm for most of them."""


@dataclass(frozen=True)
class System:
    """How a system is started, how often it commits, what it calls its guarantee; how many events it gets, if fewer."""

    name: str
    command: Sequence[str]
    checkpoint_seconds: float
    guarantee: str = ""
    at_most: int | None = None


@dataclass(frozen=True)
class Measured:
    """What a worker said of itself."""

    events_per_second: float
    cpu_us: float
    resident_mb: int
    triggers: int


Found = dict[str, list[Measured]]


def run(lab: Lab) -> Result:
    """Run all systems on all backlogs, in turn."""
    systems, notes = _systems()
    found = [_on(lab, backlog, systems, notes) for backlog in BACKLOGS]
    return Result(
        "peers",
        "JSON events of about 222 bytes of 20,000 customers on 4 partitions: decode, fold into a state in a "
        "changelogged store, a trigger at each customer's 10th event; one worker process, backlog read to its end; the "
        "first tenth is left out, the last commit is inside",
        {
            "events for Faust": FAUST_EVENTS,
            "seconds in the names": "between two commits; 5 s is Quix Streams' default, 0.1 s Kafka Streams' with "
            "exactly once; streamproc makes a transaction per partition",
        },
        [_table(backlog, each) for backlog, each in zip(BACKLOGS, found, strict=True)],
        _goals(found[0]),
        notes,
    )


def _on(lab: Lab, backlog: Backlog, systems: list[System], notes: list[str]) -> Found:
    counts = asyncio.run(_prepare(lab, backlog))
    found: Found = {}
    for number in range(backlog.rounds):
        for system in list(systems):
            try:
                measured = _measure(lab, system, backlog, number)
            except RuntimeError as error:
                systems.remove(system)
                found.pop(system.name, None)
                notes.append(f"left out: {error}")
                continue
            if system.at_most is None and measured.triggers != counts:
                raise AssertionError(f"{system.name}: {measured.triggers} triggers, not {counts}")
            found.setdefault(system.name, []).append(measured)
            print(f"  {system.name}: {measured.events_per_second:,.0f}/s, {measured.cpu_us:.1f} us", flush=True)
    return found


def _systems() -> tuple[list[System], list[str]]:
    ours, quix = (
        module("benchmarks.peers.streamproc_worker"),
        [str(quix_python()), "-m", "benchmarks.peers.quix_worker"],
    )
    systems = [
        System(OURS, ours, 0.2),
        System(OURS_RARELY, ours, 5.0),
        System(QUIX, quix, 5.0, "at-least-once"),
        System(QUIX_ONCE, quix, 0.2, "exactly-once"),
    ]
    notes = []
    try:
        streams = kafka_streams_command()
        systems += [
            System(STREAMS, streams, 5.0, "at_least_once"),
            System(STREAMS_ONCE, streams, 0.1, "exactly_once_v2"),
        ]
    except LookupError as error:
        notes.append(f"Kafka Streams is left out: {error}")
    systems.append(System(FAUST, module("benchmarks.peers.faust_worker"), 2.8, at_most=FAUST_EVENTS))
    return systems, notes


async def _prepare(lab: Lab, backlog: Backlog) -> int:
    """Write the backlog; returns how many triggers it must give."""
    await lab.create({backlog.topic: PARTITIONS})
    await lab.fill(backlog.topic, _rows(backlog.events))
    dice, seen = Random(SEED), dict[str, int]()
    for number in range(backlog.events):
        customer = event(dice, number, 0.0)["customer_id"]
        seen[customer] = seen.get(customer, 0) + 1
    return sum(count // EVERY for count in seen.values())


def _rows(events: int) -> Iterator[Row]:
    """The events, partitioned as Java's clients do."""
    dice = Random(SEED)
    for number in range(events):
        values = event(dice, number, 1.7e9 + number / 100)
        key = values["customer_id"].encode()
        yield (murmur2(key) & 0x7FFFFFFF) % PARTITIONS, key, orjson.dumps(values)


def _measure(lab: Lab, system: System, backlog: Backlog, number: int) -> Measured:
    run = lab.name("run")
    output = f"{run}.triggers"
    asyncio.run(lab.create({output: PARTITIONS, f"{run}.state": PARTITIONS}))
    events = system.at_most or backlog.events
    wanted = Wanted(
        servers=lab.servers,
        source=backlog.topic,
        output=output,
        run=run,
        warm=events // 10,
        events=events,
        folder=str(lab.folder / run),
        checkpoint_seconds=system.checkpoint_seconds,
        guarantee=system.guarantee,
        ballast=backlog.ballast,
    )
    argument = json.dumps(asdict(wanted))
    said = lab.folder / f"{run}-{number}.txt"
    with process([*system.command, argument], said) as started:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while started.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
    return _said(said, system)


def _said(output: Path, system: System) -> Measured:
    lines = [line for line in output.read_text(errors="replace").splitlines() if line.startswith('{"events_per')]
    if not lines:
        raise RuntimeError(f"{system.name} did not end well:\n{output.read_text(errors='replace')[-3000:]}")
    return Measured(**json.loads(lines[-1]))


def _cpu(measured: Sequence[Measured]) -> float:
    return median(each.cpu_us for each in measured)


def _rate(measured: Sequence[Measured]) -> float:
    return median(each.events_per_second for each in measured)


def _table(backlog: Backlog, found: Found) -> Table:
    ours = found[OURS]
    rows = [
        (
            name,
            spread([each.cpu_us for each in measured], 1),
            f"{_cpu(measured) / _cpu(ours):.2f}",
            spread([each.events_per_second for each in measured]),
            f"{_rate(ours) / _rate(measured):.2f}",
            max(each.resident_mb for each in measured),
        )
        for name, measured in found.items()
    ]
    columns = (
        "system", "CPU us/event: median (range)", "CPU beside streamproc at 0.2 s",
        "events/s: median (range)", "streamproc at 0.2 s is faster by", "peak MB",
    )  # fmt: skip
    return Table(f"{backlog.caption}; {CUSTOMERS:,} customers, {backlog.rounds} rounds", columns, rows)


def _goals(found: Found) -> list[Goal]:
    """By CPU, of systems that commit about as often."""

    def goal(ours: str, peer: str, factor: float) -> Goal:
        ratio = _cpu(found[peer]) / _cpu(found[ours])
        return Goal(f"CPU of {peer} beside {ours}", f">= {factor} x", f"{ratio:.2f} x", ratio >= factor)

    wanted = ((OURS_RARELY, QUIX, 2.5), (OURS, QUIX_ONCE, 2.5), (OURS_RARELY, STREAMS, 1.5), (OURS, STREAMS_ONCE, 1.5))
    return [goal(ours, peer, factor) for ours, peer, factor in wanted if ours in found and peer in found]
