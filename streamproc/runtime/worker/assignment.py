"""The source partitions that are this worker's, and what runs beside them as long as the worker lives.

Against work on partitions that are gone: Faust rebalances eagerly, each rebalance takes everything away; so a
take-over in progress is broken off, and everything is committed and closed before others may begin.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streamproc.processor.api import OwnedSource, Stage
from streamproc.runtime.client.authorisation import admit, explained
from streamproc.runtime.client.connection import wait_for_kafka
from streamproc.runtime.client.presence import Presence
from streamproc.runtime.exits import Exit, describe_error, fatal
from streamproc.runtime.refusal import RefusedError, exit_for
from streamproc.runtime.state.store import RocksMemory
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.batch import Batch
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.disk import watch_disk
from streamproc.runtime.worker.forgotten import AskGroup
from streamproc.runtime.worker.guard import PauseGuard
from streamproc.runtime.worker.layout import Layout, change_since, needed_rights, read_layout, to_write
from streamproc.runtime.worker.local_copies import local_copies
from streamproc.runtime.worker.offsets import OffsetTable, read_offsets
from streamproc.runtime.worker.owners import Owners
from streamproc.runtime.worker.partition import PartitionTask
from streamproc.runtime.worker.rounds import Rounds
from streamproc.runtime.worker.takeover import Claim, Seek
from streamproc.runtime.worker_settings import WorkerSettings

log = logging.getLogger(__name__)

TELL_SECONDS = 1.0


class Assignment:
    """All partitions of one worker; a stage's companion sees it as its `WorkerView`.

    Attributes:
        partitions: those that are taken over and at work.
    """

    def __init__(self, stage: Stage, settings: WorkerSettings) -> None:
        self.settings = settings
        self.guard = PauseGuard(settings.timeouts.pause_ratio * settings.session_seconds)
        self.partitions: dict[TopicPartition, PartitionTask] = {}
        self._claims: Sequence[Claim] = ()
        self._rounds: tuple[Rounds, asyncio.Task[None]] | None = None
        self._stage = stage
        self._order = [topic for source in stage.sources for topic in source.topics]
        self._presence = Presence(settings.client["bootstrap_servers"], settings.observer.kafka_away)
        self._rights = needed_rights(stage, settings)
        self._worker: WorkerContext | None = None
        self._owners = Owners(settings)
        self._acquiring: asyncio.Task[None] | None = None
        self._beside: list[asyncio.Task[None]] = []
        self._revoking: asyncio.Task[None] | None = None
        self._stopping = self._joined = False

    # What a companion sees

    @property
    def stage_name(self) -> str:
        """Which stage this worker works on."""
        return self._stage.name

    @property
    def client(self) -> Mapping[str, Any]:
        """The connection arguments of aiokafka."""
        return self.settings.client

    @property
    def stopping(self) -> bool:
        """Whether the worker is about to stop."""
        return self._stopping

    def owned(self) -> Sequence[OwnedSource]:
        """The source partitions that are this worker's and at work, as of now."""
        return [
            OwnedSource(task.partition.topic.name, task.partition.number, task.committed_through, task.processor)
            for task in self.partitions.values()
        ]

    @property
    def source_counts(self) -> Mapping[str, int]:
        """How many partitions each topic has that the stage reads, by name on the cluster; empty before the start."""
        layout = None if self._worker is None else self._worker.layout
        return {} if layout is None else {at: layout.partitions[each.name] for at, each in layout.sources.items()}

    @property
    def local_copies(self) -> Mapping[str, list[int]]:
        """Of which partitions there are local copies, by topic on the cluster."""
        worker, settings = self._worker, self.settings
        if worker is None or settings.store == "memory":
            return {}
        folder = settings.data_dir / worker.layout.group
        return local_copies(folder, worker.layout, settings.timeouts.stale_copy_seconds)

    # The life of a worker

    async def start(self) -> None:
        """Wait for Kafka, look at the topics, and start what runs beside the partitions."""
        limits, timeouts = self.settings.limits, self.settings.timeouts
        if self.settings.store != "memory":
            folder, least = self.settings.data_dir, limits.free_disk_bytes
            self._run_beside(Exit.DISK, watch_disk(folder, least, timeouts.watch_seconds, self.settings.observer.disk))
        await wait_for_kafka(self.client, timeouts.connect_seconds, self._presence)
        await self._look_at_rights()
        layout = await to_write(await read_layout(self._stage, self.settings), self.client)
        rocks = RocksMemory(limits.store_cache_bytes, limits.store_write_bytes)
        self._worker = WorkerContext(self._stage.name, self.settings, layout, self.guard, rocks, self._stage.plan)
        self._tell_that_kafka_answers(layout)
        self.guard.start()
        self._run_beside(Exit.CRASHED, self._tell_regularly())
        self._run_beside(Exit.TOPICS, self._watch_topics())
        self._run_beside(Exit.CRASHED, self._owners.watch(layout))
        if self._stage.companion is not None:
            self._run_beside(Exit.COMPANION, self._stage.companion(self))

    async def look_at_topics(self) -> None:
        """End the process if they are not as they were."""
        worker, name = self._worker, self._stage.name
        if worker is not None and (refusal := await change_since(worker.layout, name, self.settings)):
            fatal(refusal.code, name, refusal.what, refusal.remedy)
        if worker is not None:
            self._tell_that_kafka_answers(worker.layout)

    async def end_if_refused(self, error: Exception) -> None:
        """End the process if Kafka refuses a right, or us, saying which and why."""
        told = await explained(error, self.client, self._rights)
        code = exit_for(told, Exit.CRASHED)
        if code is Exit.NOT_AUTHORISED or code is Exit.NOT_AUTHENTICATED:
            fatal(code, self.stage_name, describe_error(told))

    async def _look_at_rights(self) -> None:
        try:
            await admit(self.client, self._rights)
        except RefusedError as refused:
            fatal(refused.code, self.stage_name, str(refused))

    async def stop(self) -> None:
        """Commit and give back everything."""
        self._stopping = True
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self.revoke()

    async def acquire(self, sources: Iterable[TopicPartition], seek: Seek, is_member: AskGroup) -> None:
        """These are this worker's now. They are taken over in the background: a rebalance must not wait for it."""
        await self.revoke()
        if self._stopping:
            return  # Others leave, too, and their partitions come here before this worker has left: no use to begin.
        worker = self._worker
        if worker is None:
            raise RuntimeError("partitions came before the worker was started")
        given = [self._assigned(source, worker) for source in sources if source.topic in worker.layout.sources]
        self.partitions = {}
        rounds = Rounds(self.partitions, self.settings.checkpoint_seconds)
        self._rounds = rounds, self._watched(Exit.CRASHED, rounds.run())
        self._claims = [Claim(partition, worker, is_member, rounds.wanted) for partition in given]
        self._joined = True
        self._owners.given({partition.source for partition in given})
        self.settings.observer.rebalanced()
        self._acquiring = asyncio.create_task(self._acquire_all(self._claims, worker, seek))
        self._tell_readiness()

    async def process(self, batch: Batch) -> None:
        """Have a batch processed; one of an earlier assignment is passed over: the next owner reads it again."""
        task = self.partitions.get(batch.partition.source)
        if task is not None and task.partition is batch.partition:
            await task.process(batch)

    async def revoke(self) -> None:
        """Give all partitions back; begun is ended, also if Faust gives up waiting: no store is opened twice."""
        self._owners.taken()
        if self._revoking is None or self._revoking.done():
            self._revoking = asyncio.create_task(self._revoke())
        await asyncio.shield(self._revoking)

    async def _revoke(self) -> None:
        if self._acquiring is not None:
            self._acquiring.cancel()
            await asyncio.gather(self._acquiring, return_exceptions=True)
            self._acquiring = None
        closing, self._claims, self.partitions = self._claims, (), {}
        await self._end_rounds()
        await asyncio.gather(*(claim.close() for claim in closing))
        for claim in closing:
            self.settings.observer.gave_back(claim.partition.topic.name, claim.partition.number)
        self._tell_readiness()

    async def _end_rounds(self) -> None:
        if self._rounds is not None:
            rounds, going_on = self._rounds
            self._rounds = None
            await rounds.end(self.settings.timeouts.revoke_seconds)
            going_on.cancel()
            await asyncio.gather(going_on, return_exceptions=True)

    def _assigned(self, source: TopicPartition, worker: WorkerContext) -> AssignedPartition:
        topic = worker.layout.sources[source.topic]
        return AssignedPartition(topic, source.partition, self._order.index(topic.name))

    async def _acquire_all(self, claims: Sequence[Claim], worker: WorkerContext, seek: Seek) -> None:
        """Fence first, then ask for offsets: nobody can move them any more."""
        partitions = [claim.partition for claim in claims]
        try:
            await asyncio.gather(*(claim.fence() for claim in claims))
            changelogs = [TopicPartition(p.topic.changelog.name, p.number) for p in partitions if p.topic.changelog]
            sources = [partition.source for partition in partitions]
            offsets = await read_offsets(self.client, worker.layout.group, sources, changelogs)
            await self.look_at_topics()  # or offsets of a topic that was made anew are taken for those of the old one
            await self._open_all(claims, offsets, seek)
        except Exception as error:  # noqa: BLE001  the partition cannot be worked on; the supervisor starts anew
            await self.end_if_refused(error)
            code = exit_for(error, Exit.TAKE_OVER)
            remedy = code.remedy_for(self._stage.name, partitions[0].topic.name)
            fatal(code, ", ".join(map(str, partitions)), describe_error(error), remedy)

    async def _open_all(self, claims: Sequence[Claim], offsets: OffsetTable, seek: Seek) -> None:
        """A few at a time; each works as soon as it is open."""
        gate, opened = asyncio.Semaphore(self.settings.limits.recoveries), self.partitions

        async def open_in_turn(claim: Claim) -> None:
            async with gate:
                opened[claim.partition.source] = await claim.open(offsets, seek)
            self._tell_readiness()

        await asyncio.gather(*map(open_in_turn, claims))

    # What runs beside the partitions

    def _run_beside(self, code: Exit, work: Awaitable[None]) -> None:
        self._beside.append(self._watched(code, work))

    def _watched(self, code: Exit, work: Awaitable[None]) -> asyncio.Task[None]:
        async def watched() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001  a worker without it is not whole
                await self.end_if_refused(error)
                fatal(exit_for(error, code), self._stage.name, describe_error(error))

        return asyncio.create_task(watched())

    async def _tell_regularly(self) -> None:
        observer = self.settings.observer
        while True:
            observer.heartbeat()
            now_ms = time.time_ns() // 1_000_000
            for source in self.partitions.values():
                observer.lag(source.partition.topic.name, source.partition.number, *source.deliveries.lag(now_ms))
            self._tell_readiness()
            await asyncio.sleep(TELL_SECONDS)

    async def _watch_topics(self) -> None:
        while True:
            await asyncio.sleep(self.settings.timeouts.watch_seconds)
            try:
                await self.look_at_topics()
                self._presence.found()
            except (KafkaError, OSError) as error:
                self._presence.lost(error)
                with suppress(KafkaError, OSError):  # it is away, and may come back
                    await self._look_at_rights()

    def _tell_that_kafka_answers(self, layout: Layout) -> None:
        self.settings.observer.answered(sum(layout.partitions[topic.name] for topic in layout.sources.values()))

    def _tell_readiness(self) -> None:
        if not self._joined:
            return  # Nothing is known yet: no partitions would look as if all were ready.
        self.settings.observer.ready(len(self._claims), len(self.partitions))
