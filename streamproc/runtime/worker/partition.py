"""One source partition at work: batches in, one transaction per checkpoint out.

Records are processed in slices without an await, each up to where the processor can be left, so that at each await
outputs, states and position belong together and may be committed, also in the middle of a record; and a batch that
Faust lost on the way is noticed by its number.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from streamproc.processor.api import Observed, OutputRecord, Processor, Record
from streamproc.runtime.client.authorisation import explained
from streamproc.runtime.exits import Exit, describe_error, fatal
from streamproc.runtime.refusal import exit_for
from streamproc.runtime.state.source_position import SourcePosition
from streamproc.runtime.telemetry.observer import Where
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.batch import Batch
from streamproc.runtime.worker.checkpoint import Checkpoint, Cut
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

    Args:
        ownership: what makes it this worker's.
        processor: what its records go to.
        deliveries: what was fetched of it.
        wanted: is set when it needs a checkpoint at once.

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
        wanted: asyncio.Event,
    ) -> None:
        self.partition, self._worker = ownership.partition, ownership.worker
        self.processor = processor
        self.deliveries = deliveries
        self.position = self.committed = deliveries.fetched_to
        self._closed = self._dropped = False
        self._committed_through = 0
        self._limits = self._worker.limits
        self._writer, self._states = ownership.writer, ownership.states
        self._wanted, self._relieved = wanted, asyncio.Event()
        self._worked_since: float | None = None
        self._settled: Cut | None = None
        self._committing: Checkpoint | None = None
        self._waiting: Checkpoint | None = None
        self._observed = processor if isinstance(processor, Observed) else None
        layout = self._worker.layout
        self._outputs = PendingOutputs(self.partition.number, layout.outputs, layout.prefix)

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
        batches = self.deliveries.accept(records, fetched_to, log_end)
        for batch in batches:
            self._tell_of_wait("fetch", max(0.0, time.time() - batch.records[0].timestamp / 1000))
        return batches

    @property
    def _all_is_committed(self) -> bool:
        return self.deliveries.all_processed and self.position == self.committed

    # Processing

    async def process(self, batch: Batch) -> None:
        """Process a batch in slices; wait for a checkpoint when too much is pending."""
        self._tell_of_wait("queue", time.monotonic() - batch.arrived)
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
        if self._worked_since is None:
            self._worked_since = time.monotonic() - seconds
        self._worker.settings.observer.processed(self._worker.stage, self.partition.topic.name, seconds)

    def _tell_of_wait(self, where: Where, seconds: float) -> None:
        self._worker.settings.observer.waited(self._worker.stage, where, seconds)

    async def _relieve(self) -> None:
        while self._has_much_pending() and not self._closed:
            self._relieved.clear()
            self._wanted.set()
            await self._relieved.wait()

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

    @property
    def has_work(self) -> bool:
        """Whether something waits for a transaction, or is in one."""
        return self._is_uncommitted or self.is_committing

    @property
    def _is_uncommitted(self) -> bool:
        return self.position != self.committed or self._pending > 0 or self._settled is not None

    @property
    def is_committing(self) -> bool:
        """Whether a transaction is under way."""
        return self._committing is not None and not self._committing.ended.done()

    async def settle(self) -> bool:
        """Let the next checkpoint commit what is processed by now, and nothing that is processed before its turn.

        Returns:
            Whether it will; not if there is nothing, or a transaction is under way.
        """
        try:
            return await self._worker.turns.once(self._settle_if_due)
        except Exception as error:  # noqa: BLE001  whatever it is, nothing of it may be committed
            self._end(error, Exit.COMMIT, str(self.partition))

    def checkpoint(self) -> Checkpoint:
        """Commit what is settled, else what is processed when its turn comes: after the transaction under way, if any.

        Who asks meanwhile joins.
        """
        if self._waiting is None:
            self._waiting = Checkpoint(partial(self._checkpoint, self._committing))
        return self._waiting

    async def _checkpoint(self, before: Checkpoint | None, written: Callable[[], None]) -> None:
        if before is not None:
            await asyncio.wait({before.ended})
        self._committing, self._waiting = self._waiting, None
        try:
            if self._is_uncommitted and not self._dropped:
                await self._commit(written)
        except Exception as error:  # noqa: BLE001  fenced, refused, timed out: the next owner goes on from the last one
            if not self._dropped:
                self._dropped = True  # No other checkpoint may begin while Kafka is asked why: its outputs are gone.
                told = await explained(error, self._worker.settings.client, self._worker.layout.rights)
                self._end(told, Exit.COMMIT, str(self.partition))
        self._relieved.set()

    async def _commit(self, written: Callable[[], None]) -> None:
        """One transaction: outputs, changed states, source offset. Afterwards the local store follows."""
        started = time.monotonic()
        if (cut := self._settled) is None:
            cut = await self._worker.turns.once(self._settle)
        self._settled = None
        if cut.worked_since is not None:
            self._tell_of_wait("round", time.monotonic() - cut.worked_since)
        ends = await self._writer.commit(cut.records, cut.offset, self._worker.layout.group, written)
        self._states.committed(ends)
        self.committed = cut.offset
        if self._observed is not None:
            self._observed.committed()
        self._tell_of_checkpoint(time.monotonic() - started, sum(map(len, cut.records.values())))

    def _settle_if_due(self) -> bool:
        if self._is_uncommitted and self._settled is None and not self.is_committing:
            self._settle()
        return self._settled is not None

    def _settle(self) -> Cut:
        """Take all that waits; it is kept here at once, for whoever asked for it may be cancelled."""
        self._worker.guard.check()
        mark = SourcePosition(self.partition.topic.topic_id, self.position, self._worker.plan)
        records = {**self._outputs.take(), **self._states.begin_commit(mark)}
        if self._observed is not None:
            self._observed.cut()
        self._settled = Cut(self.position, records, self._worked_since)
        self._worked_since = None
        return self._settled

    def _tell_of_checkpoint(self, seconds: float, records: int) -> None:
        name, number = self.partition.topic.name, self.partition.number
        self._worker.settings.observer.checkpointed(self._worker.stage, name, number, seconds, records)

    def end_at_unreadable(self) -> None:
        """End the process at what cannot be read, once all before it is committed: whoever skips it loses no more."""
        if (found := self.deliveries.unreadable) and self._all_is_committed:
            topic, number = self.partition.topic.name, self.partition.number
            command = f"repair move {self._worker.stage} {topic} --partition {number} --to {found.offset + 1}"
            remedy = f"go over it, if its loss is accepted: `streamproc {command}`"
            fatal(Exit.RECORDS, str(self.partition), f"{found.place} cannot be read: {found.reason}", remedy)

    # The end

    def stop(self) -> None:
        """Process nothing more."""
        self._closed = True
        self._relieved.set()

    async def close(self) -> None:
        """Drop what is not committed by now; should its transaction be open, the next owner ends it."""
        self.stop()
        is_left, self._dropped = self.has_work, True
        if self._committing is not None:
            self._committing.ended.cancel()
            await asyncio.wait({self._committing.ended})
        if is_left:
            bound = self._worker.settings.timeouts.revoke_seconds
            self._worker.settings.observer.dropped()
            log.warning("dropped what %s processed last: it was not committed within %.1f s", self.partition, bound)
