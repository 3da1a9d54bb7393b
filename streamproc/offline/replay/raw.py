"""From raw dumps: collect makes the customer log, and learn puts model releases into it, at fixed points of event time.

Live, a mark is written once a second by the clock, and a release when learn is ready. Neither can be repeated. Here a
mark stands at each whole minute of the records' own time (when they were received), and learn hears at each whole hour
what was answered since; its releases stand right behind that hour's mark, in every partition. What is passed on to
other keys stands in front of the minute's mark. So the log is a function of the dumps and the configuration alone, for
any number of processes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streamproc.collect import stage as collect
from streamproc.decide.clock.timekeeper import Timekeeper
from streamproc.events.log import (
    CONTROL_KEY,
    DIRECTLY,
    TWICE,
    Complete,
    WatermarkRecord,
    decode_record,
    encode_record,
)
from streamproc.events.received import in_milliseconds
from streamproc.events.times import HOUR_MS, MINUTE_MS
from streamproc.events.topics import LOG_TOPIC, TRAINING_TOPIC
from streamproc.learn import stage as learn
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.partition import Place, ReplayedPartition
from streamproc.offline.replay.setup import ReplayConfig, ReplayError
from streamproc.processor.api import InputRecord, OutputRecord
from streamproc.processor.partitioner import partition_of

TOPIC_ID = "replay"
"""The topic id of a customer log that was never in Kafka."""


@dataclass(frozen=True, slots=True)
class Round:
    """A minute of the customer log, or what stands between two: its records, and whether an hour ends with it."""

    rows: list[InputRecord]
    is_hour: bool = False


class RawReplay:
    """Makes the customer log from raw records, round by round.

    The caller decides a round, and gives what was passed on in it to `passed_on`, until there is no more; at an hour
    also what was answered in it to `learn`. Then comes the next.

    Args:
        setup: the configuration.
        close_after_ms: how much event time passes after the last record.
    """

    def __init__(self, setup: ReplayConfig, close_after_ms: int = 0) -> None:
        self._aside: list[OutputRecord] = []
        self._setup = setup
        self._close_after_ms = close_after_ms
        self._topics = setup.collect.topics
        source = collect.stage(setup.collect, setup.raw_topics, setup.signing_key).sources[0]
        self._collectors = {
            (topic, number): ReplayedPartition(source, Place(topic, number), setup.partitions)
            for topic in self._topics
            for number in range(setup.partitions[topic])
        }
        self._raw_offsets = dict.fromkeys(self._collectors, 0)
        self._keeper = Timekeeper()
        self._log_offsets = [0] * setup.log_partitions
        learning = learn.stage(setup.plan.predictions, setup.signing_key).sources[0]
        self._learner = ReplayedPartition(learning, Place(TRAINING_TOPIC, 0), setup.partitions)
        self._releases: list[InputRecord] = []

    def rounds(self, records: Iterable[DumpedRecord]) -> Iterator[Round]:
        """The records of the customer log, in rounds; time is what the records have reached, and never goes back."""
        log: list[InputRecord] = []
        reached: int | None = None
        for record in records:
            now = max(self._time(record), reached or 0)
            if reached is not None and now // MINUTE_MS > reached // MINUTE_MS:
                yield Round(log)
                minute = now // MINUTE_MS * MINUTE_MS
                log = list(self._mark(minute - 1 - self._setup.collect.watermark.lateness_ms, minute))
                if now // HOUR_MS > reached // HOUR_MS:
                    yield Round(log, is_hour=True)
                    log, self._releases = self._releases, []
            reached = now
            log += self._collect(record)
        if reached is not None:
            yield Round(log)
            yield Round(list(self._mark(reached + self._close_after_ms, reached + self._close_after_ms)), is_hour=True)
            yield Round(self._releases)

    def passed_on(self, forwards: Iterable[OutputRecord]) -> list[InputRecord]:
        """What was passed on, as records of the log."""
        return [self._logged(each, 0) for each in forwards]

    def learn(self, answered: Iterable[OutputRecord]) -> None:
        """Learn from a round's examples; releases stand in front of the next round."""
        for emitted in self._learner.pass_on(answered):
            if emitted.topic == LOG_TOPIC:
                self._releases.append(self._logged(emitted, 0))
            else:
                self._aside.append(emitted)

    def taken_aside(self) -> list[OutputRecord]:
        """What goes to other topics than the log since the last call: dead letters and model cards."""
        aside, self._aside = self._aside, []
        return aside

    def states(self) -> Iterator[tuple[str, int, bytes, bytes]]:
        """The states of learn at the end, as those of a shard."""
        for key, value in sorted(self._learner.states().items()):
            yield str(self._learner.changelog), 0, key, value

    def _time(self, record: DumpedRecord) -> int:
        """When the record was written, if it says so; one that cannot be read as a time moves none."""
        return in_milliseconds(record.timestamp, self._setup.collect.earliest_ms) or 0

    def _collect(self, record: DumpedRecord) -> Iterator[InputRecord]:
        raw = self._read(record)
        for emitted in self._collectors[raw.topic, raw.partition].process([raw]):
            if emitted.topic != LOG_TOPIC:
                self._aside.append(emitted)
            elif emitted.key == CONTROL_KEY:
                self._hear(emitted)
            else:
                yield self._logged(emitted, record.timestamp)

    def _hear(self, emitted: OutputRecord) -> None:
        """What sources say of their own ends counts from the next minute on."""
        event = decode_record(emitted.value or b"").event
        if isinstance(event, WatermarkRecord):
            self._keeper = self._keeper.after(event, self._setup.log_partitions)

    def _read(self, record: DumpedRecord) -> InputRecord:
        """The record where it stood; one that was never in Kafka stands where a producer would put it."""
        count = self._setup.partitions.get(record.topic, 0)
        partition, offset = record.partition, record.offset
        if partition is None or offset is None:
            partition = partition_of(record.key, count) if record.key is not None and count else 0
            offset = self._raw_offsets.get((record.topic, partition), 0)
        if (record.topic, partition) not in self._collectors:
            raise ReplayError(
                f"{record.topic} partition {partition} is no partition of an active raw topic "
                f"({', '.join(self._topics)}); take it out of the dump, or add it to [collect] in app.toml"
            )
        self._raw_offsets[record.topic, partition] = offset + 1
        return InputRecord(record.topic, partition, offset, record.timestamp, record.key, record.value, record.headers)

    def _mark(self, through_ms: int, now_ms: int) -> Iterator[InputRecord]:
        """Time has come to here in every partition, or further, if all sources say so; nothing is on its way."""
        further_ms = max(through_ms, self._keeper.told.get(DIRECTLY, through_ms))
        value = encode_record(Complete.model_construct(hops=TWICE, through_ms=further_ms), now_ms, now_ms)
        for partition in range(self._setup.log_partitions):
            yield self._logged(OutputRecord(LOG_TOPIC, CONTROL_KEY, value, partition), now_ms)

    def _logged(self, emitted: OutputRecord, timestamp: int) -> InputRecord:
        partition = emitted.partition or 0
        offset = self._log_offsets[partition]
        self._log_offsets[partition] = offset + 1
        return InputRecord(LOG_TOPIC, partition, offset, timestamp, emitted.key, emitted.value)
