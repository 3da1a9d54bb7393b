"""Watermark marks: once a second each collect worker tells the customer log how far its sources are complete.

Against conclusions from what was not seen: a mark about a raw partition is written only after the transaction with
its events is committed, into the partition of the log that keeps the time of all; so whatever that one tells the others
afterwards stands behind these events in each of them. A mark is true whoever writes it, and time only moves forward, so
one of a worker that has lost its partitions meanwhile does no harm.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streamproc.collect.completeness import Completeness
from streamproc.collect.settings import CollectSettings
from streamproc.events.log import CONTROL_KEY, TIMEKEEPER, WatermarkRecord, encode_record
from streamproc.events.times import SECOND_MS
from streamproc.events.topics import LOG_TOPIC
from streamproc.metrics import Metrics
from streamproc.processor.api import OwnedSource, WorkerView
from streamproc.runtime.client.producing import make_producer
from streamproc.runtime.client.topic_ids import describe

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 10.0
"""How often the topics' partition counts are asked for."""

PATIENCE_SECONDS = 60.0
"""So long Kafka may be away; then the worker ends rather than let time stand still without a word."""

Reached = dict[str, dict[int, int]]


class MarkWriter:
    """Writes one mark for all raw partitions of the worker, as often as the settings say."""

    def __init__(self, settings: CollectSettings, prefix: str, metrics: Metrics) -> None:
        self._settings = settings
        self._prefix = prefix
        self._metrics = metrics
        metrics.event_time.idle.labels(settings.watermark.idle).set(1)
        self._last: Reached = {}
        self._partitions: dict[str, int] = {}
        self._looked_at = -LOOK_AGAIN_SECONDS

    async def run(self, worker: WorkerView) -> None:
        """Until the worker stops. Marks that stay away for long end it: they would stop all timers silently."""
        producer = make_producer(worker.client, enable_idempotence=True, acks="all", linger_ms=0)
        asker = AIOKafkaConsumer(**dict(worker.client) | {"enable_auto_commit": False})
        async with producer, asker:
            marked_at = time.monotonic()
            while not worker.stopping:
                try:
                    await self._mark(worker, producer, asker)
                    marked_at = time.monotonic()
                except KafkaError as error:
                    if time.monotonic() - marked_at > PATIENCE_SECONDS:
                        raise
                    log.warning("no mark could be written: %s", error)
                await asyncio.sleep(self._settings.watermark.every_seconds)

    async def _mark(self, worker: WorkerView, producer: Any, asker: Any) -> None:
        await self._look(worker.client)
        # The clock is read before the ends are asked for: an event that comes later is newer than that.
        clock_ms = time.time_ns() // 1_000_000 - self._settings.watermark.lateness_ms if self._is_live else None
        owned = [source for source in worker.owned() if source.topic in self._partitions]
        at_end = await self._at_end(owned, asker)
        reached = self._reached(owned, at_end, clock_ms)
        if not reached or reached == self._last:
            return
        mark = WatermarkRecord.model_construct(through=reached, partitions=self._partitions)
        now_ms = time.time_ns() // 1_000_000
        value = encode_record(mark, now_ms, now_ms)
        await producer.send_and_wait(self._prefix + LOG_TOPIC, value, CONTROL_KEY, TIMEKEEPER)
        self._last = reached
        self._show(reached)

    @property
    def _is_live(self) -> bool:
        return self._settings.watermark.idle == "wall_clock"

    def _reached(self, owned: list[OwnedSource], at_end: set[tuple[str, int]], clock_ms: int | None) -> Reached:
        reached: Reached = {}
        for source in owned:
            completeness: Completeness = source.processor.completeness  # type: ignore[attr-defined]  # Collector
            through = completeness.until(clock_ms, at_end=(source.topic, source.partition) in at_end)
            if through is not None:
                reached.setdefault(source.topic, {})[source.partition] = through
        return reached

    async def _at_end(self, owned: list[OwnedSource], asker: Any) -> set[tuple[str, int]]:
        """The partitions in which everything that is there has been committed; none if only events move time."""
        if not self._is_live or not owned:
            return set()
        ends: Mapping[TopicPartition, int] = await asker.end_offsets(
            [TopicPartition(self._prefix + source.topic, source.partition) for source in owned]
        )
        return {
            (source.topic, source.partition)
            for source in owned
            if source.committed >= ends[TopicPartition(self._prefix + source.topic, source.partition)]
        }

    async def _look(self, client: Mapping[str, Any]) -> None:
        if time.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        names = self._settings.topics
        found = await describe(client, [self._prefix + name for name in names])
        self._partitions = {name: found[self._prefix + name].partitions for name in names}
        self._looked_at = time.monotonic()

    def _show(self, reached: Reached) -> None:
        lowest = min(moment for known in reached.values() for moment in known.values())
        self._metrics.event_time.watermark.labels("collect", "all").set(lowest / SECOND_MS)
