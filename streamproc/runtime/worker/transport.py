"""The Faust transport `streamproc://`: Faust's group membership and agents, with records delivered in batches.

Against Faust's own offset keeping, which commits what is not done and skips what failed: its fetcher is an empty
shell, its seeks do nothing, and its commit, should it ever have something to commit, ends the process. Everything that
leans on Faust's and aiokafka's insides is in this file and in `tests/runtime/test_contract.py`.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from aiokafka import TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
)
from faust.events import Event
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage

from streamproc.processor.api import Record
from streamproc.runtime.batches.consumer import CarefulConsumer
from streamproc.runtime.deadlines import WORKER_SECONDS
from streamproc.runtime.exits import Exit, describe_error, end_at_the_latest, fatal
from streamproc.runtime.worker.assignment import Assignment
from streamproc.runtime.worker.assignor import StickyAssignor
from streamproc.runtime.worker.batch import Batch

SCHEME = "streamproc"

FETCH_WAIT_MS = 250
"""How long a fetch waits for records. Faust's 1500 keeps everything else on the connection waiting."""

METADATA_AGE_MS = 10_000
"""aiokafka's five minutes are too long for a client that has heard of a topic in part."""

FETCH_SECONDS = 0.2
GATHER_SECONDS = 0.01
"""A small fetch costs as much as a big one: let some records gather."""

IDLE_SECONDS = 0.005
HEARTBEATS_PER_SESSION = 6
POLL_SECONDS = 1000.0
LISTEN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """The records of one partition, and where the consumer and the log's stable end are after them."""

    records: Sequence[Record]
    position: int
    log_end: int | None


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is untyped here
    """Faust's consumer thread, with a consumer that reads committed records only."""

    logger = logging.getLogger("faust.streamproc")

    def _create_worker_consumer(self, transport: Any) -> CarefulConsumer:  # noqa: ARG002
        assignment: Assignment = self.app.assignment
        settings = assignment.settings
        session_ms = int(1000 * settings.session_seconds)
        self._assignor = StickyAssignor(assignment.source_counts, self._generation, assignment.local_copies)
        return CarefulConsumer(
            **settings.client,
            group_id=self.app.conf.id,
            group_instance_id=settings.member_id,
            partition_assignment_strategy=[self._assignor],
            metadata_max_age_ms=METADATA_AGE_MS,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_poll_records=settings.limits.fetch_records,
            max_poll_interval_ms=int(1000 * POLL_SECONDS),
            max_partition_fetch_bytes=settings.limits.fetch_bytes,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=2 * session_ms,
            session_timeout_ms=session_ms,
            rebalance_timeout_ms=3 * session_ms,
            heartbeat_interval_ms=session_ms // HEARTBEATS_PER_SESSION,
        )

    async def fetch(self, partitions: set[TopicPartition]) -> Mapping[TopicPartition, Fetched]:
        """Called in this thread: what was fetched, with positions that belong to it."""
        consumer = self._ensure_consumer()
        most = self.app.assignment.settings.limits.fetch_records
        consumer.begin_call()
        try:
            records = await self._fetch_records(consumer, partitions, timeout=FETCH_SECONDS, max_records=most)
        except NoOffsetForPartitionError:
            return {}  # The fetch outlived a rebalance; the partition has a new owner here, who has not sought yet.
        subscription = consumer._subscription.subscription  # noqa: SLF001
        assignment = None if subscription is None else subscription.assignment
        fetched = {}
        for partition in partitions:
            state = None if assignment is None else assignment.state_value(partition)
            if state is not None and state.has_valid_position:
                fetched[partition] = Fetched(records.get(partition, ()), state.position, state.lso)
        return fetched

    async def listen(self) -> None:
        """Called in this thread: still here, and is the group well?

        A worker that fetches nothing, as a spare one, looks dead to aiokafka after `POLL_SECONDS` and never joins
        again; and if joining fails, aiokafka waits with everything until somebody asks for the error.

        Raises:
            aiokafka.errors.KafkaError: the group will not have this worker.
        """
        if (consumer := self._consumer) is not None and consumer._coordinator is not None:  # noqa: SLF001
            with consumer._subscription.fetch_context():  # noqa: SLF001
                pass
            consumer._coordinator.check_errors()  # noqa: SLF001

    async def is_member(self) -> bool:
        """Called in this thread: whether the group takes a heartbeat of the generation that gave us our partitions."""
        return bool(await self._ensure_consumer()._coordinator._do_heartbeat())  # noqa: SLF001

    async def on_thread_stop(self) -> None:
        """Leave the group, also with a fixed name: a planned stop gives the partitions to others at once.

        aiokafka keeps such a member in the group until its session ends, which is right for a crash only: then the
        name is taken up again by the worker's next start, and nobody else's partitions move.
        """
        if self._consumer is not None:
            self._consumer._coordinator._group_instance_id = None  # noqa: SLF001
        await super().on_thread_stop()

    def _generation(self) -> int:
        return int(self._ensure_consumer()._coordinator.generation)  # noqa: SLF001

    async def _commit(self, offsets: Any) -> NoReturn:
        fatal(Exit.FOREIGN_COMMIT, "consumer thread", repr(offsets))


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's consumer, with a pump of its own that hands over one event per batch."""

    logger = logging.getLogger("faust.streamproc")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ours: Assignment = self.app.assignment
        self._resumed = False
        self._fetching = asyncio.Lock()
        """Held while fetching and while seeking: a seek during a fetch would get records from before it."""

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def on_start(self) -> None:
        """Before Faust joins the group: Kafka is there and the topics are right."""
        await self.ours.start()
        self.add_future(self._pump())
        await super().on_start()

    async def on_started(self) -> None:
        """The consumer's thread runs."""
        await super().on_started()
        self.add_future(self._listen())

    async def on_stop(self) -> None:
        """Commit and hand over before Faust leaves the group; within a bound, should Kafka be away."""
        end_at_the_latest(WORKER_SECONDS, self.app.conf.id, Exit.CRASHED if self.app.crashed else Exit.DONE)
        await self.ours.stop()
        await super().on_stop()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Commit and hand over first; Faust forgets afterwards."""
        self._resumed = False
        await self.ours.revoke()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition], generation_id: int = 0) -> None:
        """Take over."""
        await super().on_partitions_assigned(assigned, generation_id)
        sources = [TopicPartition(*partition) for partition in assigned]
        await self.ours.acquire(sources, self._seek_between_fetches, self._is_member)

    def resume_flow(self) -> None:
        """The last thing that Faust does in a rebalance: from now on, its channels take events."""
        super().resume_flow()
        self._resumed = True

    async def perform_seek(self) -> None:
        """Positions are set by the partitions' take-over, never by Faust."""

    async def verify_all_partitions_active(self) -> None:
        """Faust would complain that offsets are not committed its way."""

    async def _commit(self, offsets: Any) -> NoReturn:
        fatal(Exit.FOREIGN_COMMIT, "consumer", repr(offsets))

    async def _drain_messages(self, fetcher: Any) -> None:
        """Faust may cancel this at any time, the pump it does not.

        When it does so to stop, in the middle of a rebalance, it would take that for a crash and end with an error.
        """
        try:
            await self.wait_for_stopped(fetcher._shutdown)  # noqa: SLF001
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    async def _seek_between_fetches(self, partition: TopicPartition, offset: int) -> None:
        async with self._fetching:
            await self.seek_wait({partition: offset})

    async def _listen(self) -> None:
        while not self.should_stop:
            try:
                await self._thread.call_thread(self._thread.listen)
            except KafkaError as error:
                await self.ours.end_if_refused(error)
                raise
            await self.sleep(LISTEN_SECONDS)

    async def _is_member(self) -> bool:
        return bool(await self._thread.call_thread(self._thread.is_member))

    async def _pump(self) -> None:
        while not self.should_stop:
            fetched = await self._fetch()
            count = sum(len(each.records) for each in fetched.values())
            batches = [batch for partition, each in fetched.items() for batch in self._accept(partition, each)]
            for batch in sorted(batches, key=lambda batch: batch.partition.rank):
                await self._deliver(batch)
            if not fetched:
                await asyncio.sleep(IDLE_SECONDS)
            elif count < self.ours.settings.limits.batch_records:
                await asyncio.sleep(GATHER_SECONDS)

    async def _fetch(self) -> Mapping[TopicPartition, Fetched]:
        """Fetch for the partitions that want records, if Faust's flow is open."""
        async with self._fetching:
            wanted = {partition for partition, task in self.ours.partitions.items() if task.wants_records}
            if not wanted or not self._resumed or not self.flow_active:
                return {}
            try:
                fetched: Mapping[TopicPartition, Fetched] = await self._thread.call_thread(self._thread.fetch, wanted)
            except OffsetOutOfRangeError as error:
                await self.ours.look_at_topics()
                topic = next(iter(error.args[0])).topic.removeprefix(self.ours.settings.prefix)
                remedy = Exit.OFFSETS.remedy_for(self.ours.stage_name, topic)
                fatal(Exit.OFFSETS, "consumer", f"what was to be read next is gone: {describe_error(error)}", remedy)
            except (TopicAuthorizationFailedError, GroupAuthorizationFailedError) as error:
                await self.ours.end_if_refused(error)
                raise
        return fetched

    def _accept(self, partition: TopicPartition, fetched: Fetched) -> list[Batch]:
        task = self.ours.partitions.get(partition)
        if task is None or not task.wants_records:
            return []  # It was revoked while the fetch was under way.
        return task.accept(fetched.records, fetched.position, fetched.log_end)

    async def _deliver(self, batch: Batch) -> None:
        last, partition = batch.records[-1], driver.TP(*batch.partition.source)
        message = ConsumerMessage(
            last.topic,
            last.partition,
            last.offset,
            last.timestamp / 1000,
            0,
            (),
            None,
            batch,
            None,
            0,
            0,
            partition,
            generation_id=self.app.consumer_generation_id,
        )
        message.tracked = True  # Keeps it out of what Faust waits for.
        for channel in self.app.topics._tp_index[partition]:  # noqa: SLF001
            message.incref()
            await channel.put(Event(self.app, None, batch, {}, message))


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's aiokafka transport with this consumer."""

    Consumer: ClassVar[type[Consumer]] = Consumer
