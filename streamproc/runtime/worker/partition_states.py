"""What one partition remembers: its states, their local store and their changelog, as one thing.

Against states that do not belong to the offset: everything that leaves here for a transaction carries the mark of the
source offset it stands for, and the local store follows when that transaction has committed.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import TopicPartition

from streamproc.processor.api import Codec, States
from streamproc.runtime.state.keyed import KeyedStates, NoStates
from streamproc.runtime.state.recovery import ChangelogBounds, recover
from streamproc.runtime.state.source_position import POSITION_KEY, SourcePosition, decode_position
from streamproc.runtime.state.store import Change, CopyPosition, InMemoryStore, RocksStore, StateStore
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.offsets import OffsetTable
from streamproc.runtime.worker.transaction import Row


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many changelog records were read, and which source offset the states stand for, if any."""

    records: int = 0
    mark: SourcePosition | None = None


class PartitionStates(Protocol):
    """The states of a source partition and what keeps them, as the partition's task sees them."""

    @property
    def for_processor(self) -> States[Any]:
        """What the processor reads and changes."""
        ...

    @property
    def are_kept(self) -> bool:
        """Whether there is a changelog."""
        ...

    @property
    def changed(self) -> int:
        """How many states changed since the last transaction began."""
        ...

    @property
    def changed_bytes(self) -> int:
        """About how big they are."""
        ...

    async def recover(self, offsets: OffsetTable) -> Recovered:
        """Bring the local store up to the end of the changelog."""
        ...

    def begin_commit(self, mark: SourcePosition) -> Mapping[TopicPartition, Sequence[Row]]:
        """What changed, with the mark, for the changelog; states may change again at once."""
        ...

    def committed(self, ends: Mapping[TopicPartition, int]) -> None:
        """The transaction has committed; its records in each partition end here."""
        ...

    def close(self) -> None:
        """Give the files back."""
        ...


class DurableStates:
    """States with a changelog and a local store that follows it."""

    are_kept = True

    def __init__(
        self, changelog: TopicPartition, topic_id: str, store: StateStore, codec: Codec[Any], worker: WorkerContext
    ) -> None:
        self._changelog = changelog
        self._topic_id = topic_id
        self._store = store
        self._states = KeyedStates(store, codec, worker.limits)
        self._worker = worker
        self._in_commit: list[Change] = []

    @property
    def for_processor(self) -> States[Any]:
        """What the processor reads and changes."""
        return self._states

    @property
    def changed(self) -> int:
        """How many states changed since the last transaction began."""
        return self._states.changed

    @property
    def changed_bytes(self) -> int:
        """About how big they are, going by the last transaction."""
        return self._states.changed_bytes

    async def recover(self, offsets: OffsetTable) -> Recovered:
        """Bring the local store up to the end of the changelog."""
        begin, end = offsets.begin[self._changelog], offsets.end[self._changelog]
        bounds = ChangelogBounds(self._changelog, self._topic_id, begin, end)
        settings = self._worker.settings
        records = await recover(self._store, bounds, settings.client, settings.timeouts.stale_copy_seconds)
        value = self._store.get(POSITION_KEY)
        return Recovered(records, None if value is None else decode_position(value))

    def begin_commit(self, mark: SourcePosition) -> Mapping[TopicPartition, Sequence[Row]]:
        """What changed, with the mark, for the changelog; states may change again at once."""
        self._in_commit = [*self._states.cut(), (POSITION_KEY, mark.encode())]
        return {self._changelog: [(key, value, ()) for key, value in self._in_commit]}

    def committed(self, ends: Mapping[TopicPartition, int]) -> None:
        """The store follows the changelog."""
        self._store.write(self._in_commit, CopyPosition(self._topic_id, ends[self._changelog], time.time()))
        self._states.stored()

    def close(self) -> None:
        """Give the files back."""
        self._store.close()


class WithoutStates:
    """A source that keeps none, for it has no changelog."""

    are_kept = False
    changed = changed_bytes = 0
    for_processor = NoStates()

    async def recover(self, offsets: OffsetTable) -> Recovered:  # noqa: ARG002
        """There is nothing to recover."""
        return Recovered()

    def begin_commit(self, mark: SourcePosition) -> Mapping[TopicPartition, Sequence[Row]]:  # noqa: ARG002
        """Nothing changed."""
        return {}

    def committed(self, ends: Mapping[TopicPartition, int]) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """There are no files."""


def open_states(partition: AssignedPartition, worker: WorkerContext) -> PartitionStates:
    """What a source partition remembers."""
    changelog, codec = partition.topic.changelog, partition.topic.source.codec
    if changelog is None or codec is None:
        return WithoutStates()
    store = _open_store(f"{partition.topic.name}-{partition.number}", worker)
    place = TopicPartition(changelog.name, partition.number)
    return DurableStates(place, changelog.topic_id, store, codec, worker)


def _open_store(name: str, worker: WorkerContext) -> StateStore:
    if worker.settings.store == "memory":
        return InMemoryStore()
    return RocksStore(worker.settings.data_dir / worker.layout.group / name, worker.rocks)
