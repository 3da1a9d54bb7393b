"""What a fault run does: which faults, on what traffic, with which workers; by a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypedDict

from streamproc.settings.stages import STAGES
from tests.faults.faults import FAULTS, MOVING_THE_CLOCK, ON_THREE_BROKERS, WITH_MANY_WORKERS
from tests.faults.setting import LOG_PARTITIONS
from tests.faults.switches import Switches
from tests.faults.traffic import Traffic

HELD_OPEN = Switches(hold_seconds=0.1)
LONG = {
    "zombie-compaction",
    "join-leave",
    "stop-past-session",
    "broker-freeze",
    "paused-machine",
    "leader-change",
    "network-cut",
    "two-on-one-folder",
    "ninth-worker",
}
"""Faults that take 20 s or so: once in a run; others twice, in about the same time."""

FAULT_SECONDS = 13.0
EVENTS_PER_SECOND = 250
LIVE_EVENTS_PER_SECOND = 100
MANY = 8
"""So many workers of decide, with three partitions of the log each: of these, a ninth gets two, from two of them."""

PASSERS_BY = 4_000
"""So many customers are woken by one mark in a mixed run: half a second's work for each worker, or more."""


@dataclass(frozen=True)
class Scenario:
    """What a seed stands for.

    Attributes:
        faults: names of `FAULTS`, in order.
        seed: of the events, the pauses and the choices.
        rounds: how many times the faults are done.
        events_per_second: how fast events are sent, as long as there are faults.
        switches: how the workers differ from the product's.
        idle: how time moves, as in `[collect.watermark]`.
        workers: of each stage; of decide, many if a fault needs them.
        named: whether the workers bear fixed names, as those of `streamproc up` do.
    """

    seed: int
    faults: Sequence[str]
    rounds: int = 1
    events_per_second: int = EVENTS_PER_SECOND
    switches: Switches = HELD_OPEN
    idle: str = "hold"
    workers: int = 2
    is_mixed: bool = False
    named: bool = False

    @property
    def needs_cluster(self) -> bool:
        """Whether it needs three brokers."""
        return not ON_THREE_BROKERS.isdisjoint(self.faults)

    @property
    def per_stage(self) -> Mapping[str, int]:
        """How many workers there are at first."""
        many = {"decide": MANY} if self._needs_many else {}
        return dict.fromkeys(STAGES, self.workers) | many

    @property
    def log_partitions(self) -> int:
        """How many partitions the customer log has: more than there are workers of decide."""
        return 3 * MANY if self._needs_many else LOG_PARTITIONS

    @property
    def _needs_many(self) -> bool:
        return not WITH_MANY_WORKERS.isdisjoint(self.faults)

    @property
    def traffic(self) -> Traffic:
        """What is sent."""
        seconds = FAULT_SECONDS * (max(1, len(self.faults)) + 2 * self._needs_many) * self.rounds
        passers_by = PASSERS_BY if self.is_mixed else 0
        return Traffic(self.seed, int(self.events_per_second * seconds), seconds, passers_by=passers_by)

    @property
    def name(self) -> str:
        """For folders and reports."""
        return f"mixed-{self.seed}" if self.is_mixed else f"{'+'.join(self.faults)}-{self.seed}"

    @property
    def again(self) -> str:
        """How to run it again."""
        one = f"make test-faults SEED={self.seed}"
        return one if self.is_mixed else f"{one} FAULTS={','.join(self.faults)}"


def broken(promise: str, seed: int) -> Scenario:
    """The promise broken in one way, with the fault that shows it; the harness must see it."""
    switches = Switches(0.15, pause_guard=False, broken=promise)
    match promise:
        case "no-fencing":  # A zombie that stopped between two transactions begins a new one when it wakes.
            return Scenario(seed, ["stop-past-session"], 2, switches=replace(switches, hold_seconds=0.0))
        case "marks-before-commit" | "clock-after-ends":  # Seen where a source is at its end now and then.
            switches = replace(switches, hold_seconds=0.5)
            return Scenario(seed, ["stop"], switches=switches, idle="wall_clock", events_per_second=40, workers=1)
        case "store-first":  # One worker: nobody else mends what it finds in its own store.
            return Scenario(seed, ["kill"], 2, switches=switches, workers=1)
        case _:
            return Scenario(seed, ["kill"], 2, switches=switches)


def single(fault: str, seed: int) -> Scenario:
    """One kind of fault, a few times."""
    dice = Random(f"{fault}{seed}")
    guard = fault not in {"stop-past-session", "zombie-compaction"} or dice.random() < 0.3
    hold_seconds = 0.0 if fault in WITH_MANY_WORKERS else dice.choice([0.05, 0.15])  # it measures a pause
    switches = Switches(hold_seconds, pause_guard=guard)
    rounds, time = 1 if fault in LONG else 2, _time(dice, is_live=fault in MOVING_THE_CLOCK)
    named = fault == "two-on-one-folder" or dice.random() < 0.5
    return Scenario(seed, [fault], rounds, switches=switches, named=named, **time)


class _Time(TypedDict):
    idle: str
    events_per_second: int


def _time(dice: Random, *, is_live: bool = False) -> _Time:
    """Half of the runs move time by the clock, with sources that are now and then at their ends."""
    if is_live or dice.random() < 0.5:
        return {"idle": "wall_clock", "events_per_second": LIVE_EVENTS_PER_SECOND}
    return {"idle": "hold", "events_per_second": EVENTS_PER_SECOND}


def mixed(seed: int) -> Scenario:
    """Three faults of any kind, and a mark that wakes very many."""
    dice = Random(seed)
    faults = dice.sample(list(FAULTS), 3)
    switches = Switches(dice.choice([0.0, 0.05, 0.15]), pause_guard=dice.random() < 0.5)
    time = _time(dice)
    return Scenario(seed, faults, switches=switches, is_mixed=True, named=dice.random() < 0.5, **time)


def short(seed: int) -> Scenario:
    """One quick fault on few events: for `make test`."""
    (fault,) = Random(seed).sample(["kill", "term", "wipe", "refuse"], 1)
    return Scenario(seed, [fault], events_per_second=150)
