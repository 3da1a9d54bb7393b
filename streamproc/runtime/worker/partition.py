"""One source partition at work: batches in, one transaction per checkpoint out.

Records are processed in slices without an await, each up to where the processor can be left, so that at each await
outputs, states and position belong together and may be committed, also in the middle of a record; and a batch that
Faust lost on the way is noticed by its number.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from aiokafka import TopicPartition

from streamproc.processor.api import Observed, OutputRecord, Processor, Record
from streamproc.runtime.client.authorisation import explained
from streamproc.runtime.exits import Exit, describe_error, fatal
from streamproc.runtime.refusal import exit_for
from streamproc.runtime.state.source_position import SourcePosition
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.batch import Batch
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.deliveries import Deliveries
from streamproc.runtime.worker.forgotten import OwnersWriter
from streamproc.runtime.worker.partition_states import PartitionStates
from streamproc.runtime.worker.pending import PendingOutputs
from streamproc.runtime.worker.turns import in_slices

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ownership:
    """What makes this worker the owner of a source partition: its writer fenced all others, its states are whole."""

    partition: AssignedPartition
    worker: WorkerContext
    writer: OwnersWriter
    states: PartitionStates


class PartitionTask:
    """The work on one source partition, from where it was taken over to where it is given back.

    It must be created in a running event loop.

    Attributes:
        partition: which it is.
        processor: what its records go to.
        deliveries: what was fetched of it.
        position: the next source offset to be processed, or to be gone on with: a part of it may be done.
        committed: the source offset of the last transaction.
    """

    def __init__(
        self,
        ownership: Ownership,
        processor: Processor,
        deliveries: Deliveries,
        siblings: Mapping[TopicPartition, "PartitionTask"],
    ) -> None:
        self.partition, self._worker = ownership.partition, ownership.worker
        self.processor = processor
        self.deliveries = deliveries
        self.position = self.committed = deliveries.fetched_to
        self._closed = self._dropped = False
        self._committed_through = 0
        self._limits = self._worker.limits
        self._lock = asyncio.Lock()
        self._writer, self._states = ownership.writer, ownership.states
        self._siblings = siblings
        self._observed = processor if isinstance(processor, Observed) else None
        layout = self._worker.layout
        self._outputs = PendingOutputs(self.partition.number, layout.outputs, layout.prefix)
        self._checkpoints = asyncio.create_task(self._checkpoint_regularly())

    # Delivery

    @property
    def wants_records(self) -> bool:
        """Whether to fetch: back-pressure holds a partition back that is too far ahead of its processor."""
        return self.deliveries.is_room and not self._closed

    @property
    def committed_through(self) -> int:
        """Everything below is committed; transaction markers count once all before them is. Never goes back."""
        if self._all_is_committed:
            self._committed_through = max(self._committed_through, self.deliveries.fetched_to)
        return max(self.committed, self._committed_through)

    def accept(self, records: Sequence[Record], fetched_to: int, log_end: int | None) -> list[Batch]:
        """Take what a fetch brought, and how far the consumer is after it; returns the batches to be delivered."""
        self._committed_through = self.committed_through
        return self.deliveries.accept(records, fetched_to, log_end)

    @property
    def _all_is_committed(self) -> bool:
        return self.deliveries.all_processed and self.position == self.committed

    # Processing

    async def process(self, batch: Batch) -> None:
        """Process a batch in slices; take a checkpoint when too much is pending."""
        slices = in_slices(self._steps(batch), self._tell_of_slice)
        while await self._worker.turns.take(slices):
            await self._relieve()
        await self._relieve()

    def _steps(self, batch: Batch) -> Iterator[None]:
        """Process a batch; each `next` leads to where it may be left, unless the partition has been given back.

        Then the next owner goes on from what is committed.
        """
        if not self._closed and (gap := self.deliveries.gap_before(batch)):
            fatal(Exit.GAP, str(self.partition), gap)
        try:
            steps = iter(self.processor.process(batch.records))
            while not self._closed and (step := next(steps, None)) is not None:
                if isinstance(step, OutputRecord):
                    self._outputs.add(step)
                else:
                    self.position = step.offset
                    yield
        except Exception as error:  # noqa: BLE001  whatever it is, nothing of it may be committed
            offsets = f"offsets {batch.records[0].offset} to {batch.records[-1].offset}"
            self._end(error, Exit.RECORDS, f"{self.partition} {offsets}")
        if not self._closed:
            self.position = batch.records[-1].offset + 1
            self.deliveries.done(batch)

    def _tell_of_slice(self, seconds: float) -> None:
        self._worker.settings.observer.processed(self._worker.stage, self.partition.topic.name, seconds)

    async def _relieve(self) -> None:
        if self._has_much_pending() and not self._closed:
            # Faust may cancel the agent at any time; the checkpoint it may not.
            await asyncio.shield(self.checkpoint())

    def _end(self, error: BaseException, otherwise: Exit, where: str) -> NoReturn:
        code = exit_for(error, otherwise)
        fatal(code, where, describe_error(error), code.remedy_for(self._worker.stage, self.partition.topic.name))

    def _has_much_pending(self) -> bool:
        size = self._outputs.bytes + self._states.changed_bytes
        return self._pending >= self._limits.pending_records or size >= self._limits.pending_bytes

    @property
    def _pending(self) -> int:
        """How many outputs and changed states wait for the next checkpoint."""
        return self._outputs.count + self._states.changed

    # Checkpoints

    async def _checkpoint_regularly(self) -> None:
        interval = self._worker.settings.checkpoint_seconds
        while not self._closed:
            started = time.monotonic()
            await self._checkpoint_in_order()
            self._end_at_unreadable()
            await asyncio.sleep(max(0.0, interval - (time.monotonic() - started)))

    async def _checkpoint_in_order(self) -> None:
        """Commit after the siblings of lower rank, each rank after the one before it."""
        earlier = [other for other in self._siblings.values() if other.partition.rank < self.partition.rank]
        for rank in sorted({other.partition.rank for other in earlier if other.has_work}):
            ranked = [other for other in earlier if other.partition.rank == rank]
            # Shielded: when this partition is given back, a transaction of another one must not be broken off.
            await asyncio.gather(*(asyncio.shield(other.checkpoint()) for other in ranked))
        await self.checkpoint()

    @property
    def has_work(self) -> bool:
        """Whether something waits for a transaction, or is in one."""
        return self._is_uncommitted or self._lock.locked()

    @property
    def _is_uncommitted(self) -> bool:
        return self.position != self.committed or self._pending > 0

    async def checkpoint(self) -> None:
        """Commit what was processed; an idle partition costs nothing."""
        try:
            async with self._lock:
                if self._is_uncommitted and not self._dropped:
                    await self._commit()
        except asyncio.CancelledError:
            # Its outputs are taken and its transaction may be open: another one would commit the offset without them.
            self._dropped = True
            raise
        except Exception as error:  # noqa: BLE001  fenced, refused, timed out: the next owner goes on from the last one
            if not self._dropped:
                self._dropped = True  # No other checkpoint may begin while Kafka is asked why: its outputs are gone.
                told = await explained(error, self._worker.settings.client, self._worker.layout.rights)
                self._end(told, Exit.COMMIT, str(self.partition))

    async def _commit(self) -> None:
        """One transaction: outputs, changed states, source offset. Afterwards the local store follows."""
        self._worker.guard.check()
        started, offset = time.monotonic(), self.position
        mark = SourcePosition(self.partition.topic.topic_id, offset, self._worker.plan)
        records = {**self._outputs.take(), **self._states.begin_commit(mark)}
        if self._observed is not None:
            self._observed.cut()
        ends = await self._writer.commit(records, offset, self._worker.layout.group)
        self._states.committed(ends)
        self.committed = offset
        if self._observed is not None:
            self._observed.committed()
        self._tell_of_checkpoint(time.monotonic() - started, sum(map(len, records.values())))

    def _tell_of_checkpoint(self, seconds: float, records: int) -> None:
        name, number = self.partition.topic.name, self.partition.number
        self._worker.settings.observer.checkpointed(self._worker.stage, name, number, seconds, records)

    def _end_at_unreadable(self) -> None:
        """Once everything before it is committed: whoever goes over it on purpose loses nothing else."""
        if (found := self.deliveries.unreadable) and self._all_is_committed:
            topic, number = self.partition.topic.name, self.partition.number
            command = f"repair move {self._worker.stage} {topic} --partition {number} --to {found.offset + 1}"
            remedy = f"go over it, if its loss is accepted: `streamproc {command}`"
            fatal(Exit.RECORDS, str(self.partition), f"{found.place} cannot be read: {found.reason}", remedy)

    # The end

    async def close(self) -> None:
        """Commit what was processed if that works within the bound, else drop it: nothing of it was committed."""
        self._closed = True
        bound = self._worker.settings.timeouts.revoke_seconds
        try:
            await asyncio.wait_for(self._checkpoint_in_order(), bound)
        except TimeoutError:
            self._dropped = True
            self._worker.settings.observer.dropped()
            log.warning("dropped what %s processed last: the checkpoint took more than %.1f s", self.partition, bound)
        self._checkpoints.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._checkpoints
