"""What Kafka delivered of one partition: cut into batches, counted, and how much of it waits.

Against batches that get lost between the fetch and the stage, which nobody would miss: they are numbered. And against
a partition that fetches faster than it is worked on: beyond a bound it fetches no more.
"""

import time
from collections.abc import Sequence

from streamproc.processor.api import Record
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.backlog import Backlog
from streamproc.runtime.worker.batch import Batch, before_unreadable, split_batches
from streamproc.runtime.worker_settings import Limits


class Deliveries:
    """The batches of one partition in one assignment.

    Attributes:
        fetched_to: where the consumer stands, transaction markers included.
        log_end: the last stable offset of the partition, as far as the consumer knows.
        unreadable: what ended the deliveries, for the stage has no use for what cannot be read.
    """

    def __init__(self, partition: AssignedPartition, start: int, log_end: int, limits: Limits) -> None:
        self.fetched_to, self.log_end = start, log_end
        self.unreadable: Unreadable | None = None
        self._partition = partition
        self._limits = limits
        self._backlog = Backlog()
        self._delivered = self._processed = 0

    @property
    def all_processed(self) -> bool:
        """Whether no record waits."""
        return not self._backlog.records

    @property
    def is_room(self) -> bool:
        """Whether more may be fetched."""
        waiting, limits = self._backlog, self._limits
        is_full = waiting.records >= limits.queued_records or waiting.bytes >= limits.queued_bytes
        return not is_full and self.unreadable is None

    def accept(self, records: Sequence[Record], fetched_to: int, log_end: int | None) -> list[Batch]:
        """Take what a fetch brought, and how far the consumer is after it; returns the batches for the stage."""
        if not self._partition.topic.source.takes_unreadable:
            records, self.unreadable = before_unreadable(records)
        batches = []
        for piece, size in split_batches(records, self._limits):
            self._delivered += 1
            batches.append(Batch(self._partition, self._delivered, piece, size, time.monotonic()))
            self._backlog.add(batches[-1])
        self.fetched_to = fetched_to if self.unreadable is None else self.unreadable.first_offset
        if log_end is not None:
            self.log_end = max(self.log_end, log_end)
        return batches

    def gap_before(self, batch: Batch) -> str:
        """What is wrong with the number of a batch that is to be processed; empty if it is the next one."""
        is_next = batch.number == self._processed + 1
        return "" if is_next else f"batch {batch.number} came after batch {self._processed}"

    def done(self, batch: Batch) -> None:
        """It was processed."""
        self._processed = batch.number
        self._backlog.done(batch)

    def lag(self, now_ms: int) -> tuple[int, float]:
        """How many offsets are there and not processed, and how many seconds ago Kafka took the oldest of them."""
        behind = max(0, self.log_end - self.fetched_to)
        return behind + self._backlog.records, self._backlog.age_seconds(behind, now_ms)
