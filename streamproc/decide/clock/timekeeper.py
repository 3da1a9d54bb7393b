"""What one partition of the customer log, the timekeeper, knows of all others, and tells them.

Against each partition telling each: how far the raw partitions are, and how far each partition of the log has passed on
what is for others, is told to one of them, and what that adds up to is told to all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from streamproc.events.log import CONTROL_KEY, DIRECTLY, TIMEKEEPER, Complete, PassedOn, WatermarkRecord, encode_record
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import OutputRecord


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """What it has heard and told; all times are epoch ms, and none goes back.

    Attributes:
        through: for each raw topic and partition how far it is complete.
        partitions: how many partitions each active raw topic has.
        passed_on: by how many times, up to where each partition of the log has passed on what is for others.
        told: by how many times something was passed on, up to where all partitions were told that it has come.
    """

    through: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    partitions: Mapping[str, int] = field(default_factory=dict)
    passed_on: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    told: Mapping[int, int] = field(default_factory=dict)

    def after(self, event: WatermarkRecord | PassedOn, log_partitions: int) -> "Timekeeper":
        """After a mark of collect's, or after one of the log's partitions says how far it is."""
        known = self._with_mark(event) if isinstance(event, WatermarkRecord) else self._with_passed_on(event)
        return replace(known, told=_further(self.told, known.complete(log_partitions)))

    def complete(self, log_partitions: int) -> dict[int, int]:
        """By how many times something was passed on, up to where it has come, by what is known now."""
        places = ((topic, number) for topic, count in self.partitions.items() for number in range(count))
        heard = {DIRECTLY: [self.through.get(topic, {}).get(number) for topic, number in places]}
        heard |= {
            hops: [known.get(number) for number in range(log_partitions)] for hops, known in self.passed_on.items()
        }
        return {hops: least for hops, moments in heard.items() if (least := _least(moments)) is not None}

    def news_since(self, before: "Timekeeper", log_partitions: int) -> Iterator[OutputRecord]:
        """What every partition of the log is to be told."""
        for hops, through_ms in self.told.items():
            if through_ms != before.told.get(hops):
                said = Complete.model_construct(hops=hops, through_ms=through_ms)
                value = encode_record(said, through_ms, through_ms)
                for partition in range(log_partitions):
                    yield OutputRecord(LOG_TOPIC, CONTROL_KEY, value, partition)

    def _with_passed_on(self, event: PassedOn) -> "Timekeeper":
        known = _further(self.passed_on.get(event.hops, {}), {event.partition: event.through_ms})
        return replace(self, passed_on={**self.passed_on, event.hops: known})

    def _with_mark(self, mark: WatermarkRecord) -> "Timekeeper":
        """A stale one changes nothing: parts only move forward, and topics only get more partitions."""
        counts = {topic: max(count, self.partitions.get(topic, 0)) for topic, count in mark.partitions.items()}
        through = {topic: known for topic, known in self.through.items() if topic in mark.partitions}
        for topic, reached in mark.through.items():
            through[topic] = _further(through.get(topic, {}), reached)
        return replace(self, through=through, partitions=counts)


def _further(known: Mapping[int, int], reached: Mapping[int, int]) -> dict[int, int]:
    """Up to where each partition has come; none goes back."""
    return {**known, **{number: max(moment, known.get(number, moment)) for number, moment in reached.items()}}


def _least(moments: Sequence[int | None]) -> int | None:
    """The first of them; None as long as one is missing, or there is none."""
    known = [moment for moment in moments if moment is not None]
    return min(known) if known and len(known) == len(moments) else None


def has_passed_on(partition: int, hops: int, through_ms: int) -> OutputRecord:
    """What a partition tells the timekeeper, behind what it has passed on: committed with it, or after it."""
    said = PassedOn.model_construct(partition=partition, hops=hops, through_ms=through_ms)
    return OutputRecord(LOG_TOPIC, CONTROL_KEY, encode_record(said, through_ms, through_ms), TIMEKEEPER)
