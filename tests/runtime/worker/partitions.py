"""Partitions of a worker without Kafka: their producers are stand-ins that note what is committed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import TopicPartition

from streamproc.processor.api import PartitionContext, Processor, Source
from streamproc.runtime.state.keyed import NoStates
from streamproc.runtime.state.store import RocksMemory
from streamproc.runtime.telemetry.observer import Observer, Silent
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.deliveries import Deliveries
from streamproc.runtime.worker.guard import PauseGuard
from streamproc.runtime.worker.layout import Layout, SourceTopic
from streamproc.runtime.worker.partition import Ownership, PartitionTask
from streamproc.runtime.worker.partition_states import WithoutStates
from streamproc.runtime.worker.rounds import Rounds
from streamproc.runtime.worker.turns import Turns
from streamproc.runtime.worker_settings import Limits, Timeouts, WorkerSettings
from tests.runtime.counting_stage import Counter

NEVER = 3600.0
PATIENCE_SECONDS = 60
SILENT = Silent()


def worker_context(
    tmp_path: Path,
    source: Source,
    revoke_seconds: float = 5.0,
    limits: Limits | None = None,
    observer: Observer = SILENT,
) -> WorkerContext:
    """A worker that reads the topics of a source and writes to the topic `tens`; it takes no checkpoint by itself."""
    topics = {name: SourceTopic(name, name, "id", source, None) for name in source.topics}
    layout = Layout("group", "", topics, dict.fromkeys(topics, 1), {"tens": 1}, {})
    settings = WorkerSettings(
        {"bootstrap_servers": "nowhere:1"},
        tmp_path,
        limits=limits or Limits(),
        timeouts=Timeouts(revoke_seconds=revoke_seconds),
        observer=observer,
    )
    settings = replace(settings, checkpoint_seconds=NEVER)
    return WorkerContext("counting", settings, layout, PauseGuard(60), RocksMemory(1 << 20, 1 << 20))


@dataclass
class Partitions:
    """Makes partitions of one worker, which commit when they are told to, or in rounds of so many seconds."""

    tmp_path: Path
    revoke_seconds: float = 5.0
    limits: Limits | None = None
    observer: Observer = SILENT
    round_seconds: float = NEVER
    at_work: dict[TopicPartition, PartitionTask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rounds, self.turns = Rounds(self.at_work, self.round_seconds), Turns()

    def task(
        self, writer: Any = None, processor: Processor | None = None, name: str = "events", rank: int = 0
    ) -> PartitionTask:
        """A partition that was taken over at offset 0."""
        source = Source((name,), lambda context: Counter("tens", context))
        worker = worker_context(self.tmp_path, source, self.revoke_seconds, self.limits, self.observer)
        worker = replace(worker, turns=self.turns)
        partition = AssignedPartition(worker.layout.sources[name], 0, rank)
        owner = Ownership(partition, worker, cast("Any", writer or Writer()), WithoutStates())
        deliveries = Deliveries(partition, 0, 0, worker.limits)
        context: PartitionContext[Any] = PartitionContext(name, 0, "id", NoStates(), worker.layout.partitions)
        task = PartitionTask(owner, processor or Counter("tens", context), deliveries, self.rounds.wanted)
        self.at_work[partition.source] = task
        return task

    @asynccontextmanager
    async def in_rounds(self) -> AsyncIterator[None]:
        """While rounds go on, of which the first has begun."""
        going_on = asyncio.create_task(self.rounds.run())
        await asyncio.sleep(0)
        yield
        going_on.cancel()
        await asyncio.wait({going_on})

    async def give_back(self) -> None:
        """As a worker does with all that it has."""
        await self.rounds.end(self.revoke_seconds)
        await asyncio.gather(*(task.close() for task in self.at_work.values()))


class Writer:
    """Stands for a producer; keeps the offset and the number of records of each transaction."""

    def __init__(self) -> None:
        self.committed: list[tuple[int, int]] = []

    async def commit(
        self, records: Mapping[Any, Sequence[Any]], offset: int, _: str, written: Callable[[], None]
    ) -> dict[Any, int]:
        """At once."""
        written()
        self.committed.append((offset, sum(map(len, records.values()))))
        return {}

    async def stop(self) -> None:
        """Nothing is to be closed."""


class SlowWriter(Writer):
    """Its transactions take until `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go, self.transactions = asyncio.Event(), asyncio.Event(), 0

    async def commit(
        self, records: Mapping[Any, Sequence[Any]], offset: int, group: str, written: Callable[[], None]
    ) -> dict[Any, int]:
        """Once it may."""
        self.transactions += 1
        self.began.set()
        await self.go.wait()
        return await super().commit(records, offset, group, written)


class WrittenSoon(SlowWriter):
    """Of its transactions, Kafka has the records at once."""

    async def commit(
        self, records: Mapping[Any, Sequence[Any]], offset: int, group: str, written: Callable[[], None]
    ) -> dict[Any, int]:
        """Once it may."""
        written()
        return await super().commit(records, offset, group, written)


class Noting(Writer):
    """Notes whose it is when it commits."""

    def __init__(self, seen: list[str], name: str) -> None:
        super().__init__()
        self._seen, self._name = seen, name

    async def commit(
        self, records: Mapping[Any, Sequence[Any]], offset: int, group: str, written: Callable[[], None]
    ) -> dict[Any, int]:
        """With a note."""
        self._seen.append(self._name)
        return await super().commit(records, offset, group, written)


def record(offset: int) -> Any:
    """A record with the value 1 at a second per offset."""
    return SimpleNamespace(offset=offset, timestamp=1000 * offset, key=b"k", value=b"1", headers=())


async def is_member() -> bool:
    """What the group says of a worker that is in it."""
    return True


async def seek(partition: TopicPartition, offset: int) -> None:
    """There is no consumer whose position would have to be set."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it, within a bound."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.001)


def processed(task: PartitionTask, position: int = 1) -> PartitionTask:
    """As if the partition had come so far."""
    task.position = position
    return task
