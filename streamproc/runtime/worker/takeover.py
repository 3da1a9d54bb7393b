"""Taking a source partition over: older owners are fenced, then offsets are read, then the states are recovered.

Against everything that can happen between two owners: after the fence nobody else can move the offsets or write to the
changelog, so what is read afterwards is the truth.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import TopicPartition

from streamproc.processor.api import PartitionContext, Processor
from streamproc.runtime.exits import fatal
from streamproc.runtime.refusal import Refusal
from streamproc.runtime.state.source_position import SourcePosition, starting_point
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.deliveries import Deliveries
from streamproc.runtime.worker.forgotten import AskGroup, OwnersWriter
from streamproc.runtime.worker.offsets import OffsetTable
from streamproc.runtime.worker.partition import Ownership, PartitionTask
from streamproc.runtime.worker.partition_states import PartitionStates, WithoutStates, open_states
from streamproc.runtime.worker.transaction import TransactionalWriter
from streamproc.runtime.worker.turns import in_slices

log = logging.getLogger(__name__)

Seek = Callable[[TopicPartition, int], Awaitable[None]]


class Claim:
    """This worker's claim to a source partition, from when the group gave it to when it is given back.

    It must be created in a running event loop.

    Args:
        partition: the partition.
        worker: what it shares with others.
        is_member: asks the group again, should Kafka forget that older owners were fenced.
        checkpoint_wanted: is set when it needs a checkpoint at once.
    """

    def __init__(
        self,
        partition: AssignedPartition,
        worker: WorkerContext,
        is_member: AskGroup,
        checkpoint_wanted: asyncio.Event,
    ) -> None:
        self.partition = partition
        self._worker = worker
        self._checkpoint_wanted = checkpoint_wanted
        self._writer = _make_writer(partition, worker, is_member)
        self._states: PartitionStates = WithoutStates()
        self._task: PartitionTask | None = None

    async def fence(self) -> None:
        """End all older owners of this partition."""
        await self._writer.fence()

    async def open(self, offsets: OffsetTable, seek: Seek) -> PartitionTask:
        """Recover the states, let the processor rebuild what it derives from them, and begin to work."""
        started, partition, worker = time.monotonic(), self.partition, self._worker
        self._states = open_states(partition, worker)
        recovered = await self._states.recover(offsets)
        self._tell_of_plan(recovered.mark)
        start = self._starting_point(offsets, recovered.mark)
        self._writer.stands_at(offsets.committed[partition.source])
        processor = await self._open_processor()
        await seek(partition.source, start)
        deliveries = Deliveries(partition, start, offsets.end[partition.source], worker.limits)
        ownership = Ownership(partition, worker, self._writer, self._states)
        self._task = PartitionTask(ownership, processor, deliveries, self._checkpoint_wanted)
        seconds = time.monotonic() - started
        worker.settings.observer.recovered(partition.topic.name, partition.number, recovered.records, seconds)
        log.info("took over %s at %d with %d recovered records in %.2f s", partition, start, recovered.records, seconds)
        return self._task

    async def close(self) -> None:
        """Give everything back; what is not committed by now is dropped."""
        if self._task is not None:
            await self._task.close()
        await self._writer.stop()
        self._states.close()

    def _starting_point(self, offsets: OffsetTable, mark: SourcePosition | None) -> int:
        topic, source = self.partition.topic, self.partition.source
        start = starting_point(offsets.of(source), topic.topic_id, mark, keeps_state=self._states.are_kept)
        if isinstance(start, Refusal):
            remedy = start.code.remedy_for(self._worker.stage, topic.name)
            fatal(start.code, str(self.partition), start.what, remedy)
        committed = offsets.committed[source]
        if committed is not None and committed < start:
            behind = "%s: offset %d is committed, but its states were made up to %d: goes on there"
            log.warning(behind, self.partition, committed, start)
        return start

    async def _open_processor(self) -> Processor:
        topic, number = self.partition.topic, self.partition.number
        states, partitions = self._states.for_processor, self._worker.layout.partitions
        context: PartitionContext[Any] = PartitionContext(topic.name, number, topic.topic_id, states, partitions)
        processor = topic.source.make(context)
        opening = in_slices(processor.open())
        while await self._worker.turns.take(opening):
            pass
        return processor

    def _tell_of_plan(self, mark: SourcePosition | None) -> None:
        if mark is not None and mark.plan != self._worker.plan:
            was, now = mark.plan or "(none)", self._worker.plan or "(none)"
            log.info("%s: its states were made by plan %s, and go on with plan %s", self.partition, was, now)


def _make_writer(partition: AssignedPartition, worker: WorkerContext, is_member: AskGroup) -> OwnersWriter:
    settings, layout = worker.settings, worker.layout
    transactional_id = layout.transactional_id(partition.topic.name, partition.number)
    writer = TransactionalWriter(
        settings.client, transactional_id, settings.limits.producer_batch_bytes, layout.record_limits, worker.guard
    )
    return OwnersWriter(writer, partition.source, settings.client, is_member)
