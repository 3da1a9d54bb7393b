"""The stage collect: raw topics of any producer into one clean, ordered log per customer.

What a source of historical data says of its own completeness goes into the log as a mark in the same transaction as
the events before it. Against time that stands still for ever: nothing but the source moves it, and a mark that is
written after the transaction is lost with the worker that wanted to write it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from streamproc.collect.clean import Cleaned, Progressed, clean, rejection_of
from streamproc.collect.completeness import Completeness
from streamproc.collect.raw_topic import RawTopics
from streamproc.collect.settings import CollectSettings
from streamproc.events.adapters import Adapted
from streamproc.events.address import AddressHash
from streamproc.events.ignored import Ignored
from streamproc.events.log import CONTROL_KEY, TIMEKEEPER, Origin, WatermarkRecord, encode_record
from streamproc.events.received import received_ms
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import LAST_MS
from streamproc.events.topics import LOG_TOPIC, dead_letter_topic
from streamproc.processor.api import Companion, OutputRecord, PartitionContext, Record, Source, Stage
from streamproc.processor.headers import dead_letter
from streamproc.processor.partitioner import partition_of
from streamproc.processor.unreadable import Unreadable

STAGE = "collect"


class CollectWatch:
    """Is told what becomes of raw messages; this one tells nobody."""

    def began(self, topic: str) -> None:
        """A partition of a raw topic was taken over."""

    def cleaned(self, topic: str, results: Mapping[str, int]) -> None:
        """So many events were taken, by how they were (`Cleaned.result`)."""

    def mended(self, topic: str, event_type: str, fields: Sequence[str]) -> None:
        """These fields of an event were set right or left out."""

    def ignored(self, topic: str, ignored: Ignored) -> None:
        """A part of a message was passed over."""

    def rejected(self, topic: str, rejected: Rejected) -> None:
        """A message went to the dead letters."""


SILENT = CollectWatch()


def stage(
    settings: CollectSettings,
    topics: RawTopics,
    signing_key: bytes,
    watch: CollectWatch = SILENT,
    companion: Companion | None = None,
) -> Stage:
    """The stage; `topics` says what each raw topic may carry, `companion` writes the marks of a live worker.

    Of addresses it writes hashes, whose key is derived from the signing key.
    """
    outputs = (LOG_TOPIC, *map(dead_letter_topic, settings.topics))
    source = Source(
        settings.topics, partial(Collector, settings, topics, AddressHash.of(signing_key), watch), takes_unreadable=True
    )
    return Stage(STAGE, (source,), outputs, companion=companion)


class Collector:
    """Cleans the messages of one raw partition."""

    def __init__(
        self,
        settings: CollectSettings,
        topics: RawTopics,
        addresses: AddressHash,
        watch: CollectWatch,
        context: PartitionContext[Any],
    ) -> None:
        self._settings = settings
        self._addresses = addresses
        self._watch = watch
        self._topic = context.topic
        self._raw_topic = topics[context.topic]
        self._topic_id = context.topic_id
        self._log_partitions = context.partitions[LOG_TOPIC]
        self._raw_partitions = {topic: context.partitions[topic] for topic in settings.topics}
        self.completeness = Completeness(settings.watermark.lateness_ms)

    def open(self) -> Iterable[None]:
        """Nothing is remembered."""
        self._watch.began(self._topic)
        return ()

    def process(self, records: Sequence[Record]) -> list[OutputRecord]:
        """Events go to their customers' partitions of the log, messages that cannot be read to the dead letters."""
        emitted: list[OutputRecord] = []
        results: Counter[str] = Counter()
        said: Record | None = None
        settings, topic, addresses = self._settings, self._raw_topic, self._addresses
        for record in records:
            received = received_ms(record.timestamp, record.headers)
            cleaned = [clean(each, received, settings, topic, addresses) for each in self._read(record)]
            index, is_rejected = 0, False
            for each in cleaned:
                if isinstance(each, Cleaned):
                    for key in each.keys:
                        origin = Origin(self._topic, record.partition, record.offset, self._topic_id, index)
                        emitted.append(self._logged(each, key, origin))
                        index += 1
                    if each.mended:
                        self._watch.mended(self._topic, each.event.type, each.mended)
                    self.completeness.seen(each.at_ms)
                    results[each.result] += 1
                elif isinstance(each, Progressed):
                    self.completeness.said(self._believed(each.through_ms, received))
                    said = record
                elif isinstance(each, Ignored):
                    self._watch.ignored(self._topic, each)
                else:
                    is_rejected = True
            if is_rejected and (rejected := rejection_of(cleaned)) is not None:
                emitted.append(self._rejected(rejected, record))
        self._watch.cleaned(self._topic, results)
        if said is not None and not self._is_live:
            emitted.append(self._marked(said))
        return emitted

    def _read(self, record: Record) -> Sequence[Adapted]:
        if isinstance(record, Unreadable):
            return (Rejected(Reason.UNREADABLE_RECORD, record.reason),)
        return self._raw_topic.read(record.value, record.headers)

    def cut(self) -> None:
        """A transaction begins."""
        self.completeness.cut()

    def committed(self) -> None:
        """What was processed until the cut can be read in the log."""
        self.completeness.commit()

    @property
    def _is_live(self) -> bool:
        return self._settings.watermark.idle == "wall_clock"

    def _believed(self, through_ms: int, received: int) -> int:
        """In live operation no source knows the future; historical data is closed by its sender."""
        return min(through_ms, received) if self._is_live else through_ms

    def _marked(self, said: Record) -> OutputRecord:
        """For whoever keeps the time of the log: this raw partition is complete up to here."""
        through = {self._topic: {said.partition: self.completeness.reached_ms}}
        mark = WatermarkRecord.model_construct(through=through, partitions=self._raw_partitions)
        received = min(received_ms(said.timestamp, said.headers), LAST_MS)
        return OutputRecord(LOG_TOPIC, CONTROL_KEY, encode_record(mark, received, received), TIMEKEEPER)

    def _logged(self, cleaned: Cleaned, name: str, origin: Origin) -> OutputRecord:
        key = name.encode()
        value = encode_record(
            cleaned.event, cleaned.at_ms, cleaned.received_ms, origin, is_backfill=cleaned.is_backfill
        )
        return OutputRecord(LOG_TOPIC, key, value, partition_of(key, self._log_partitions))

    def _rejected(self, rejected: Rejected, record: Record) -> OutputRecord:
        self._watch.rejected(self._topic, rejected)
        letter = dead_letter(rejected, self._topic, record, STAGE)
        return OutputRecord(dead_letter_topic(self._topic), letter.key, letter.value, 0, letter.headers)
