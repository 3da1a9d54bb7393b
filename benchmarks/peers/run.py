"""The benchmark `peers`: the reference job on all systems, alternating in one run on one broker and one backlog."""

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

EVENTS = 200_000
FAUST_EVENTS = 20_000
ROUNDS = 3
SEED = 7
PATIENCE_SECONDS = 240.0

OURS = "streamproc, exactly once, 0.2 s"
QUIX, QUIX_ONCE = "Quix Streams 3.28.1, at least once, 5 s", "Quix Streams 3.28.1, exactly once, 0.2 s"
STREAMS, STREAMS_ONCE = "Kafka Streams 4.3.1, at least once, 5 s", "Kafka Streams 4.3.1, exactly once, 0.1 s"
FAUST = "Faust table agent"


@dataclass(frozen=True)
class System:
    """How a system is started, how often it commits, what it calls its guarantee, and how many events it gets."""

    name: str
    command: Sequence[str]
    checkpoint_seconds: float
    guarantee: str = ""
    events: int = EVENTS


@dataclass(frozen=True)
class Measured:
    """What a worker said of itself."""

    events_per_second: float
    cpu_us: float
    resident_mb: int
    triggers: int


def run(lab: Lab) -> Result:
    """Run all systems `ROUNDS` times, in turn."""
    systems, notes = _systems()
    counts = asyncio.run(_prepare(lab))
    found: dict[str, list[Measured]] = {}
    for number in range(ROUNDS):
        for system in list(systems):
            try:
                measured = _measure(lab, system, number)
            except RuntimeError as error:
                systems.remove(system)
                found.pop(system.name, None)
                notes.append(f"left out: {error}")
                continue
            if system.events == EVENTS and measured.triggers != counts:
                raise AssertionError(f"{system.name}: {measured.triggers} triggers, not {counts}")
            found.setdefault(system.name, []).append(measured)
            print(f"  {system.name}: {measured.events_per_second:,.0f}/s, {measured.cpu_us:.1f} us", flush=True)
    return Result(
        "peers",
        "JSON events of about 222 bytes of 20,000 customers on 4 partitions: decode, fold into a state of about 310 "
        "bytes in a changelogged store, a trigger at each customer's 10th event; one worker process, backlog read "
        "to its end; the first tenth is left out, the last commit is inside",
        {
            "events": EVENTS,
            "events for Faust": FAUST_EVENTS,
            "rounds, alternating": ROUNDS,
            "seconds in the names": "between two commits; 5 s is Quix Streams' default, 0.1 s Kafka Streams' with "
            "exactly once; streamproc makes a transaction per partition",
            "triggers, the same for all": counts,
        },
        [_table(found)],
        _goals(found),
        notes,
    )


def _systems() -> tuple[list[System], list[str]]:
    ours, quix = (
        module("benchmarks.peers.streamproc_worker"),
        [str(quix_python()), "-m", "benchmarks.peers.quix_worker"],
    )
    systems = [
        System(OURS, ours, 0.2),
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
    systems.append(System(FAUST, module("benchmarks.peers.faust_worker"), 2.8, events=FAUST_EVENTS))
    return systems, notes


async def _prepare(lab: Lab) -> int:
    """Write the backlog; returns how many triggers it must give."""
    await lab.create({"purchases": PARTITIONS})
    await lab.fill("purchases", _backlog())
    dice, seen = Random(SEED), dict[str, int]()
    for number in range(EVENTS):
        customer = event(dice, number, 0.0)["customer_id"]
        seen[customer] = seen.get(customer, 0) + 1
    return sum(count // EVERY for count in seen.values())


def _backlog() -> Iterator[Row]:
    """The events, partitioned as Java's clients do."""
    dice = Random(SEED)
    for number in range(EVENTS):
        values = event(dice, number, 1.7e9 + number / 100)
        key = values["customer_id"].encode()
        yield (murmur2(key) & 0x7FFFFFFF) % PARTITIONS, key, orjson.dumps(values)


def _measure(lab: Lab, system: System, number: int) -> Measured:
    run = lab.name("run")
    output = f"{run}.triggers"
    asyncio.run(lab.create({output: PARTITIONS, f"{run}.state": PARTITIONS}))
    folder = lab.folder / run
    events = system.events
    wanted = Wanted(
        lab.servers,
        "purchases",
        output,
        run,
        events // 10,
        events,
        str(folder),
        system.checkpoint_seconds,
        system.guarantee,
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


def _table(found: dict[str, list[Measured]]) -> Table:
    ours = median(each.events_per_second for each in found[OURS])
    rows = [
        (
            name,
            spread([each.events_per_second for each in measured]),
            spread([each.cpu_us for each in measured], 1),
            max(each.resident_mb for each in measured),
            f"{ours / median(each.events_per_second for each in measured):.2f}",
        )
        for name, measured in found.items()
    ]
    columns = ("system", "events/s: median (range)", "CPU us/event", "peak MB", "streamproc is faster by")
    return Table(f"{CUSTOMERS:,} customers, {ROUNDS} rounds", columns, rows)


def _goals(found: dict[str, list[Measured]]) -> list[Goal]:
    def goal(peer: str, factor: float) -> Goal:
        ratio = median(m.events_per_second for m in found[OURS]) / median(m.events_per_second for m in found[peer])
        return Goal(f"events/s beside {peer}", f">= {factor} x", f"{ratio:.2f} x", ratio >= factor)

    return [
        goal(peer, factor)
        for peer, factor in ((QUIX, 2.5), (QUIX_ONCE, 2.5), (STREAMS, 1.5), (STREAMS_ONCE, 1.5))
        if peer in found
    ]
