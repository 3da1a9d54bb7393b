"""What one partition remembers: its states, their local store and their changelog, as one thing.

Against states that do not belong to the offset: everything that leaves here for a transaction carries the mark of the
source offset it stands for, and the local store follows when that transaction has committed.
"""

import time
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition

from streamproc.runtime.state.keyed import KeyedStates
from streamproc.runtime.state.recovery import ChangelogBounds, recover
from streamproc.runtime.state.source_mark import MARK_KEY, SourceMark, decode_mark
from streamproc.runtime.state.store import Change, CopyPosition, InMemoryStore, RocksStore, StateStore
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.layout import SourceTopic
from streamproc.runtime.worker.offsets import OffsetTable


class DurableStates:
    """The states of a source partition, and where they are kept.

    Attributes:
        changelog: the partition of the changelog.
        states: for the processor.
    """

    def __init__(self, changelog: TopicPartition, topic_id: str, store: StateStore, states: KeyedStates[Any]) -> None:
        self.changelog = changelog
        self.states = states
        self._topic_id = topic_id
        self._store = store

    async def recover(self, offsets: OffsetTable, worker: WorkerContext) -> int:
        """Bring the store up to the end of the changelog; returns how many records were read."""
        begin, end = offsets.begin[self.changelog], offsets.end[self.changelog]
        bounds = ChangelogBounds(self.changelog, self._topic_id, begin, end)
        settings = worker.settings
        return await recover(self._store, bounds, settings.client, settings.timeouts.stale_copy_seconds)

    def mark(self) -> SourceMark | None:
        """Which source offset the store stands for."""
        value = self._store.get(MARK_KEY)
        return None if value is None else decode_mark(value)

    def cut(self, mark: SourceMark) -> list[Change]:
        """What changed since the last cut, with the mark, for the changelog."""
        return [*self.states.cut(), (MARK_KEY, mark.encode())]

    def committed(self, changes: list[Change], ends: Mapping[TopicPartition, int]) -> None:
        """The transaction with these changes has committed, and its changelog records end here."""
        self._store.write(changes, CopyPosition(self._topic_id, ends[self.changelog], time.time()))
        self.states.stored()

    def close(self) -> None:
        """Give the files back."""
        self._store.close()


def open_states(topic: SourceTopic, partition: int, worker: WorkerContext) -> DurableStates | None:
    """The memory of a source partition; None if its source keeps no states."""
    changelog, codec = topic.changelog, topic.source.codec
    if changelog is None or codec is None:
        return None
    store = _open_store(f"{topic.name}-{partition}", worker)
    states = KeyedStates(store, codec, worker.limits)
    return DurableStates(TopicPartition(changelog.name, partition), changelog.topic_id, store, states)


def _open_store(name: str, worker: WorkerContext) -> StateStore:
    if worker.settings.store == "memory":
        return InMemoryStore()
    return RocksStore(worker.settings.data_dir / worker.layout.group / name, worker.rocks)
