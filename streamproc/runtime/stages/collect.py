"""The stage collect: raw topics of any producer into one clean, ordered log per customer."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from streamproc.collect.clean import Cleaned, Progressed, clean
from streamproc.collect.completeness import Completeness
from streamproc.collect.settings import CollectSettings
from streamproc.events.log import Source as Origin
from streamproc.events.log import encode_record
from streamproc.events.rejected import Reason, Rejected
from streamproc.metrics import Metrics
from streamproc.runtime.headers import dead_letter
from streamproc.runtime.marks import MarkWriter
from streamproc.runtime.partitioning import partition_of
from streamproc.runtime.processor import Emitted, PartitionContext, Record, Source, Stage

LOG_TOPIC = "shop.customer-events.v1"
STAGE = "collect"


def dead_letter_topic(topic: str) -> str:
    """Where the dead letters of a raw topic go."""
    return f"{topic}.dlq"


def stage(settings: CollectSettings, metrics: Metrics, prefix: str = "") -> Stage:
    """The stage."""
    outputs = (LOG_TOPIC, *map(dead_letter_topic, settings.topics))
    return Stage(
        STAGE,
        (Source(settings.topics, partial(Collector, settings, metrics)),),
        outputs,
        MarkWriter(settings, prefix, metrics).run,
    )


class Collector:
    """Cleans the messages of one raw partition."""

    def __init__(self, settings: CollectSettings, metrics: Metrics, context: PartitionContext[Any]) -> None:
        self._settings = settings
        self._topic = context.topic
        self._partition = context.partition
        self._log_partitions = context.partitions[LOG_TOPIC]
        self.completeness = Completeness(settings.watermark.lateness_ms)
        self._count = partial(metrics.events.labels, STAGE, context.topic)
        self._dead = partial(metrics.dead_letters.labels, context.topic)
        for reason in Reason:
            self._dead(str(reason))  # so that a reason's first message is an increase, not a new series

    def open(self) -> None:
        """Nothing is remembered."""

    def process(self, records: Sequence[Record]) -> list[Emitted]:
        """Events go to their customer's partition of the log, what cannot be read to the dead letters."""
        emitted: list[Emitted] = []
        accepted = clamped = 0
        for record in records:
            cleaned = clean(record.value, record.timestamp, self._settings)
            if isinstance(cleaned, Cleaned):
                emitted.append(self._logged(cleaned, record))
                self.completeness.seen(cleaned.at_ms)
                accepted += 1
                clamped += cleaned.was_clamped
            elif isinstance(cleaned, Progressed):
                self.completeness.said(self._believed(cleaned.through_ms, record))
            else:
                emitted.append(self._rejected(cleaned, record))
        self._count("accepted").inc(accepted - clamped)
        if clamped:
            self._count("clamped").inc(clamped)
        return emitted

    def cut(self) -> None:
        """A transaction begins."""
        self.completeness.cut()

    def committed(self) -> None:
        """What was processed until the cut can be read in the log."""
        self.completeness.commit()

    def _believed(self, through_ms: int, record: Record) -> int:
        """In live operation no source knows the future; historical data is closed by its sender."""
        is_live = self._settings.watermark.idle == "wall_clock"
        return min(through_ms, record.timestamp) if is_live else through_ms

    def _logged(self, cleaned: Cleaned, record: Record) -> Emitted:
        key = cleaned.key.encode()
        origin = Origin.model_construct(topic=self._topic, partition=record.partition, offset=record.offset)
        value = encode_record(cleaned.event, cleaned.at_ms, record.timestamp, origin)
        return Emitted(LOG_TOPIC, key, value, partition_of(key, self._log_partitions))

    def _rejected(self, rejected: Rejected, record: Record) -> Emitted:
        self._count("rejected").inc()
        self._dead(str(rejected.reason)).inc()
        headers = dead_letter(rejected, self._topic, record, STAGE)
        return Emitted(dead_letter_topic(self._topic), record.key, record.value, 0, headers)
