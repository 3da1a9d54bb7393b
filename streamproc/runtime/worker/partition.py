"""One source partition from take-over to hand-over.

Against everything that can happen between two owners: first older owners are fenced, then offsets are read, then the
states are recovered, then records are delivered. Records are processed in slices without an await, each up to where the
processor can be left, so that at each await outputs, states and position belong together and may be committed, also in
the middle of a record; and a batch that Faust lost on the way is noticed by its number.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from aiokafka import TopicPartition

from streamproc.processor.api import Emitted, Observed, PartitionContext, Processor, Record
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.client.authorisation import explained
from streamproc.runtime.exits import Exit, describe_error, fatal
from streamproc.runtime.refusal import Refusal, exit_for
from streamproc.runtime.state.keyed import NoStates
from streamproc.runtime.state.source_mark import SourceMark, starting_point
from streamproc.runtime.state.store import Change
from streamproc.runtime.worker.backlog import Backlog
from streamproc.runtime.worker.batch import Batch, before_unreadable, split_batches
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.durable_states import DurableStates, open_states
from streamproc.runtime.worker.forgotten import AskGroup, OwnersWriter
from streamproc.runtime.worker.layout import SourceTopic
from streamproc.runtime.worker.offsets import OffsetTable
from streamproc.runtime.worker.pending import PendingOutputs
from streamproc.runtime.worker.transaction import Row, TransactionalWriter
from streamproc.runtime.worker.turns import in_slices

log = logging.getLogger(__name__)

Seek = Callable[[TopicPartition, int], Awaitable[None]]


class PartitionTask:
    """Everything that this worker holds for one source partition.

    Attributes:
        ready: recovered, and records may be fetched.
        position: the next source offset to be processed, or to be gone on with: a part of it may be done.
        committed: the source offset of the last transaction.
        fetched_to: where the consumer stands, transaction markers included.
        log_end: the last stable offset of the partition, as far as the consumer knows.
        earlier: the worker's partitions of topics that the stage names before this one; they commit first, so that of
            what came at the same time, a consent stands before the order in the customer log.
    """

    def __init__(self, topic: SourceTopic, partition: int, worker: WorkerContext) -> None:
        self.topic = topic
        self.partition = partition
        self.source = TopicPartition(topic.on_cluster, partition)
        self.ready = False
        self.closed = False
        self._dropped = False
        self.earlier: Sequence[PartitionTask] = ()
        self.position = self.committed = self.fetched_to = self.log_end = 0
        self.backlog = Backlog()
        self._delivered = self._processed = self._committed_through = 0
        self._worker = worker
        self._limits = worker.limits
        self._lock = asyncio.Lock()
        self._writer: OwnersWriter | None = None
        self._memory: DurableStates | None = None
        self._processor: Processor | None = None
        self._observed: Observed | None = None
        self._outputs = PendingOutputs(partition, worker.layout.outputs, worker.layout.prefix)
        self._checkpoints: asyncio.Task[None] | None = None
        self._stop_at: Unreadable | None = None

    def __str__(self) -> str:
        return f"{self.source.topic}-{self.source.partition}"

    # Take-over

    async def fence(self, is_member: AskGroup) -> None:
        """End all older owners of this partition; the group is asked again should Kafka forget that we did."""
        settings, layout = self._worker.settings, self._worker.layout
        transactional_id = layout.transactional_id(self.topic.name, self.partition)
        producer_batch_bytes = settings.limits.producer_batch_bytes
        writer = TransactionalWriter(
            settings.client, transactional_id, producer_batch_bytes, layout.record_limits, self._worker.guard
        )
        self._writer = OwnersWriter(writer, self.source, settings.client, is_member)
        await self._writer.fence()

    async def open(self, offsets: OffsetTable, seek: Seek) -> None:
        """Recover the states, let the processor rebuild what it derives from them, and begin to read."""
        started, recovered, mark = time.monotonic(), 0, None
        self._memory = open_states(self.topic, self.partition, self._worker)
        if self._memory is not None:
            recovered = await self._memory.recover(offsets, self._worker)
            mark = self._memory.mark()
            self._tell_of_plan(mark)
        keeps_state = self._memory is not None
        start = starting_point(offsets.of(self.source), self.topic.topic_id, mark, keeps_state=keeps_state)
        if isinstance(start, Refusal):
            fatal(start.code, str(self), start.what, start.code.remedy_for(self._worker.stage, self.topic.name))
        committed = offsets.committed[self.source]
        if committed is not None and committed < start:
            log.warning(
                "%s: offset %d is committed, but its states were made up to %d: goes on there", self, committed, start
            )
        if self._writer is not None:
            self._writer.stands_at(committed)
        self.position = self.committed = self.fetched_to = start
        self.log_end = offsets.end[self.source]
        states = self._memory.states if self._memory else NoStates()
        context: PartitionContext[Any] = PartitionContext(
            self.topic.name, self.partition, self.topic.topic_id, states, self._worker.layout.partitions
        )
        self._processor = self.topic.source.make(context)
        self._observed = self._processor if isinstance(self._processor, Observed) else None
        opening = in_slices(self._processor.open())
        while await self._worker.turns.take(opening):
            pass
        await seek(self.source, start)
        self.ready = True
        self._checkpoints = asyncio.create_task(self._checkpoint_regularly())
        seconds = time.monotonic() - started
        self._worker.settings.observer.recovered(self.topic.name, self.partition, recovered, seconds)
        log.info("took over %s at %d with %d recovered records in %.2f s", self, start, recovered, seconds)

    def _tell_of_plan(self, mark: SourceMark | None) -> None:
        if mark is not None and mark.plan != self._worker.plan:
            was, now = mark.plan or "(none)", self._worker.plan or "(none)"
            log.info("%s: its states were made by plan %s, and go on with plan %s", self, was, now)

    # Delivery

    @property
    def wants_records(self) -> bool:
        """Whether to fetch: back-pressure holds a partition back that is too far ahead of its processor."""
        limits = self._limits
        is_full = self.backlog.records >= limits.queued_records or self.backlog.bytes >= limits.queued_bytes
        return self.ready and not self.closed and not is_full and self._stop_at is None

    @property
    def committed_through(self) -> int:
        """Everything below is committed; transaction markers count once all before them is. Never goes back."""
        if not self.backlog.records and self.position == self.committed:
            self._committed_through = max(self._committed_through, self.fetched_to)
        return max(self.committed, self._committed_through)

    @property
    def processor(self) -> Processor:
        """The processor of an open partition."""
        if self._processor is None:
            raise RuntimeError(f"{self} is not open")
        return self._processor

    def accept(self, records: Sequence[Record], fetched_to: int, log_end: int | None) -> list[Batch["PartitionTask"]]:
        """Take what a fetch brought, and how far the consumer is after it; returns the batches to be delivered."""
        self._committed_through = self.committed_through
        batches = []
        if not self.topic.source.takes_unreadable:
            records, self._stop_at = before_unreadable(records)
        for piece, size in split_batches(records, self._limits):
            self._delivered += 1
            batches.append(Batch(self, self._delivered, piece, size))
            self.backlog.add(batches[-1])
        self.fetched_to = fetched_to if self._stop_at is None else self._stop_at.first_offset
        if log_end is not None:
            self.log_end = max(self.log_end, log_end)
        return batches

    def _end_at_unreadable(self) -> None:
        """Once everything before it is committed: whoever goes over it on purpose loses nothing else."""
        if (found := self._stop_at) and not self.backlog.records and self.position == self.committed:
            command = f"repair move {self._worker.stage} {self.topic.name} --partition {self.partition}"
            remedy = f"go over it, if its loss is accepted: `streamproc {command} --to {found.offset + 1}`"
            fatal(Exit.RECORDS, str(self), f"{found.place} cannot be read: {found.reason}", remedy)

    def lag(self, now_ms: int) -> tuple[int, float]:
        """How many offsets are there and not processed, and how many seconds ago Kafka took the oldest of them."""
        behind = max(0, self.log_end - self.fetched_to)
        return behind + self.backlog.records, self.backlog.age_seconds(behind, now_ms)

    # Processing

    async def process(self, batch: Batch["PartitionTask"]) -> None:
        """Process a batch in slices; take a checkpoint when too much is pending."""
        slices = in_slices(self._steps(batch), self._tell_of_slice)
        while await self._worker.turns.take(slices):
            await self._relieve()
        await self._relieve()

    def _steps(self, batch: Batch["PartitionTask"]) -> Iterator[None]:
        """Process a batch; each `next` leads to where it may be left, unless the partition has been given back.

        Then the next owner goes on from what is committed.
        """
        if not self.closed and batch.number != self._processed + 1:
            fatal(Exit.GAP, str(self), f"batch {batch.number} came after batch {self._processed}")
        try:
            steps = iter(self.processor.process(batch.records))
            while not self.closed and (step := next(steps, None)) is not None:
                if isinstance(step, Emitted):
                    self._outputs.add(step)
                else:
                    self.position = step.offset
                    yield
        except Exception as error:  # noqa: BLE001  whatever it is, nothing of it may be committed
            offsets = f"offsets {batch.records[0].offset} to {batch.records[-1].offset}"
            self._end(error, Exit.RECORDS, f"{self} {offsets}")
        if not self.closed:
            self._processed = batch.number
            self.position = batch.records[-1].offset + 1
            self.backlog.done(batch)

    def _tell_of_slice(self, seconds: float) -> None:
        self._worker.settings.observer.processed(self._worker.stage, self.topic.name, seconds)

    async def _relieve(self) -> None:
        if self._has_much_pending() and not self.closed:
            # Faust may cancel the agent at any time; the checkpoint it may not.
            await asyncio.shield(self.checkpoint())

    def _end(self, error: BaseException, otherwise: Exit, where: str) -> NoReturn:
        code = exit_for(error, otherwise)
        fatal(code, where, describe_error(error), code.remedy_for(self._worker.stage, self.topic.name))

    def _has_much_pending(self) -> bool:
        size = self._outputs.bytes + (self._memory.states.changed_bytes if self._memory else 0)
        return self._pending >= self._limits.pending_records or size >= self._limits.pending_bytes

    @property
    def _pending(self) -> int:
        """How many outputs and changed states wait for the next checkpoint."""
        return self._outputs.count + (self._memory.states.changed if self._memory else 0)

    # Checkpoints

    async def _checkpoint_regularly(self) -> None:
        interval = self._worker.settings.checkpoint_seconds
        while not self.closed:
            started = time.monotonic()
            # Shielded: when this partition is given back, a transaction of another one must not be broken off.
            await asyncio.gather(*(asyncio.shield(other.checkpoint()) for other in self.earlier if other.ready))
            await self.checkpoint()
            self._end_at_unreadable()
            await asyncio.sleep(max(0.0, interval - (time.monotonic() - started)))

    async def checkpoint(self) -> None:
        """Commit what was processed; an idle partition costs nothing."""
        try:
            async with self._lock:
                if (self.position != self.committed or self._pending) and not self._dropped:
                    await self._commit()
        except asyncio.CancelledError:
            # Its outputs are taken and its transaction may be open: another one would commit the offset without them.
            self._dropped = True
            raise
        except Exception as error:  # noqa: BLE001  fenced, refused, timed out: the next owner goes on from the last one
            if not self._dropped:
                self._dropped = True  # No other checkpoint may begin while Kafka is asked why: its outputs are gone.
                told = await explained(error, self._worker.settings.client, self._worker.layout.rights)
                self._end(told, Exit.COMMIT, str(self))

    async def _commit(self) -> None:
        """One transaction: changed states, outputs, source offset. Afterwards the local store follows."""
        self._worker.guard.check()
        started, offset = time.monotonic(), self.position
        records: dict[TopicPartition, Sequence[Row]] = dict(self._outputs.take())
        changes: list[Change] = []
        if self._memory is not None:
            changes = self._memory.cut(SourceMark(self.topic.topic_id, offset, self._worker.plan))
            records[self._memory.changelog] = [(key, value, ()) for key, value in changes]
        if self._observed is not None:
            self._observed.cut()
        if self._writer is None:
            raise RuntimeError("not fenced")
        ends = await self._writer.commit(records, offset, self._worker.layout.group)
        if self._memory is not None:
            self._memory.committed(changes, ends)
        self.committed = offset
        if self._observed is not None:
            self._observed.committed()
        self._tell_of_checkpoint(time.monotonic() - started, records)

    def _tell_of_checkpoint(self, seconds: float, records: Mapping[TopicPartition, Sequence[Row]]) -> None:
        count = sum(map(len, records.values()))
        name = self.topic.name
        self._worker.settings.observer.checkpointed(self._worker.stage, name, self.partition, seconds, count)

    # Hand-over

    async def close(self) -> None:
        """Commit what was processed if that works within the bound, else drop it: nothing of it was committed."""
        was_ready, self.ready, self.closed = self.ready, False, True
        bound = self._worker.settings.timeouts.revoke_seconds
        if was_ready:
            try:
                await asyncio.wait_for(self.checkpoint(), bound)
            except TimeoutError:
                self._dropped = True
                self._worker.settings.observer.dropped()
                log.warning("dropped what %s processed last: the checkpoint took more than %.1f s", self, bound)
        if self._checkpoints is not None:
            self._checkpoints.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._checkpoints
        if self._writer is not None:
            await self._writer.stop()
        if self._memory is not None:
            self._memory.close()
