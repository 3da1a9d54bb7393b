"""The stage measure over one partition at a time, with owners that come and go, and what comes out of it."""

import tomllib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count as count_up
from pathlib import Path
from random import Random
from typing import Any

import orjson

from streamproc.events.facts import Progress
from streamproc.events.kpis import Kpi
from streamproc.events.position import Position
from streamproc.events.times import DAY_MS
from streamproc.events.topics import FACTS_TOPIC
from streamproc.measure.plan import KpiPlan
from streamproc.measure.registry import KpiRegistry
from streamproc.measure.stage import stage
from streamproc.measure.sums import FactMessage
from streamproc.processor.api import OutputRecord, PartitionContext, Processor, Record, Stage, outputs_of
from tests.memory_states import MemoryStates

CONFIG = Path(__file__).parents[2] / "config/kpis.toml"
SHOP = KpiPlan.of(KpiRegistry.model_validate(tomllib.loads(CONFIG.read_text())))
SHOP_STAGE = stage(SHOP, "p1")
THE_END = 100 * DAY_MS
_later = count_up()
Said = FactMessage | Progress


@dataclass
class Read:
    """A record as it was read."""

    topic: str
    value: bytes | None
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


class Owned:
    """One partition of a source, with what survives its owner."""

    def __init__(self, its: Stage, source: int, partition: int = 0, counts: Mapping[str, int] | None = None) -> None:
        self._source = its.sources[source]
        self._counts = counts or {}
        self._partition = partition
        self._stored: dict[bytes, bytes] = {}
        self.take_over()

    def take_over(self) -> None:
        """A new owner, which knows what was committed; what was not is lost."""
        assert self._source.codec is not None
        self.states = MemoryStates[Any](self._source.codec, self._stored)
        topic = self._source.topics[0]
        context: PartitionContext[Any] = PartitionContext(topic, self._partition, "id", self.states, self._counts)
        self.processor: Processor = self._source.make(context)
        deque(self.processor.open(), 0)

    def process(self, records: Iterable[Record], *, commit: bool = True) -> list[OutputRecord]:
        emitted = list(outputs_of(self.processor.process(list(records))))
        if commit:
            self.states.checkpoint()
        return emitted


def progress(day: float, partition: int = 0, partitions: int = 1) -> Progress:
    return Progress(partition, partitions, int(day * DAY_MS))


def read(said: Said) -> Record:
    if isinstance(said, Progress):
        return Read(FACTS_TOPIC, orjson.dumps(said))
    position = Position("log", 0, next(_later), 0)
    return Read(FACTS_TOPIC, orjson.dumps({**said, "type": "fact", "position": position}))


def reads(*several: Said) -> list[Record]:
    return [read(said) for said in several]


def as_read(emitted: Iterable[OutputRecord]) -> list[Record]:
    return [Read(each.topic, each.value, key=each.key) for each in emitted]


def kpis(emitted: Iterable[OutputRecord]) -> list[Kpi]:
    return [Kpi(**orjson.loads(each.value or b"")) for each in emitted]


def measured(kpi_plan: KpiPlan, *said: Said) -> list[Kpi]:
    """All that is published when this is said in the only partition."""
    its = stage(kpi_plan, "p1")
    partials = Owned(its, 0).process(reads(*said))
    return kpis(Owned(its, 1).process(as_read(partials)))


def last_values(emitted: Iterable[OutputRecord]) -> dict[bytes | None, tuple[object, ...]]:
    """The newest of each key: what a compacted topic keeps."""
    values = {each.key: orjson.loads(each.value or b"") for each in emitted}
    return {key: (kpi["value"], kpi["numerator"], kpi["denominator"]) for key, kpi in values.items()}


def interleaved(queues: Iterable[Sequence[OutputRecord]], random: Random) -> list[OutputRecord]:
    """One order of several partitions' records that keeps the order of each."""
    left = [list(queue) for queue in queues if queue]
    order_of_all: list[OutputRecord] = []
    while left:
        queue = random.choice(left)
        order_of_all.append(queue.pop(0))
        left = [each for each in left if each]
    return order_of_all


def spread(several: Iterable[FactMessage], partitions: int, random: Random) -> list[list[Said]]:
    """The facts in any partition and order, with progress in between that only moves forward, and to the end."""
    logs: list[list[Said]] = [[] for _ in range(partitions)]
    reached = [0.0] * partitions
    for each in sorted(several, key=lambda _: random.random()):
        partition = random.randrange(partitions)
        logs[partition].append(each)
        if random.random() < 0.4:
            reached[partition] += random.choice([0, 0.5, 1])
            logs[partition].append(progress(reached[partition], partition, partitions))
    for partition, log in enumerate(logs):
        log.append(Progress(partition, partitions, THE_END))
    return logs


def partials_of(logs: Iterable[Iterable[Said]], its: Stage) -> list[list[OutputRecord]]:
    return [Owned(its, 0, partition).process(reads(*log)) for partition, log in enumerate(logs)]


def cut(items: Sequence[Record], random: Random) -> list[Sequence[Record]]:
    """Runs of any length."""
    places = sorted(random.choices(range(len(items) + 1), k=random.randrange(6)))
    return [items[a:b] for a, b in zip([0, *places], [*places, len(items)], strict=True)]
