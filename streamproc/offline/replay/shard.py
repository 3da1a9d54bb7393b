"""One partition of the customer log in memory, through decide and the first step of measure.

What comes out of a partition depends on the partition's records alone. So partitions may be replayed in any order and
in any number of processes; only what puts them together, KPIs and learning, takes them in the order of event time.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from streamproc.decide import stage as decide
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import CONTROL_KEY, ModelGoverned, ModelReleased, decode_record
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC
from streamproc.measure import stage as measure
from streamproc.models.snapshot_error import SnapshotError, WrongSignatureError
from streamproc.offline.replay.partition import Place, ReplayedPartition
from streamproc.offline.replay.setup import ReplayConfig, ReplayError
from streamproc.processor.api import AppliedTwiceError, InputRecord, OutputRecord

Encoded = Mapping[str, Mapping[bytes, bytes]]
"""Changelog topic to the states of one partition: key and bytes."""


class Counts(DecideWatch):
    """What a partition was told: events, repeats, and which model versions counted."""

    def __init__(self) -> None:
        self.events = self.repeats = 0
        self.watermark_ms: int | None = None
        self.versions: list[str] = []

    def applied(self, partition: int, received_ms: Sequence[int], repeats: int) -> None:  # noqa: ARG002
        """A run of records."""
        self.events += len(received_ms)
        self.repeats += repeats

    def moved(self, partition: int, through_ms: int) -> None:  # noqa: ARG002
        """Event time."""
        self.watermark_ms = through_ms

    def released(self, release: ModelReleased) -> None:
        """A version counts."""
        self.versions.append(release.version)

    def refused(self, news: ModelReleased | ModelGoverned, error: SnapshotError) -> None:
        """What no key of this shop has signed may be something that counted; any other was refused live, too."""
        if not isinstance(error, WrongSignatureError):
            return
        raise ReplayError(
            f"release {news.version} cannot be used: {error}; "
            "set STREAMPROC_SIGNING__KEY to the key of the system that the dump is from"
        ) from error


class Shard:
    """One partition of the customer log: decide, and the sums of its facts."""

    def __init__(self, setup: ReplayConfig, partition: int, topic_id: str, encoded: Encoded | None = None) -> None:
        self.counts = Counts()
        self._forwards: list[OutputRecord] = []
        self._partition = partition
        deciding = decide.stage(setup.plan, setup.signing_key, setup.collect.topics, self.counts).sources[0]
        adding = measure.stage(setup.kpi_plan, setup.plan.version).sources[0]
        known = encoded or {}
        places = ((LOG_TOPIC, deciding), (FACTS_TOPIC, adding))
        try:
            self._steps = tuple(
                ReplayedPartition(
                    source, Place(topic, partition, topic_id), setup.partitions, known.get(str(source.changelog))
                )
                for topic, source in places
            )
        except ValueError as error:
            raise ReplayError(f"the state of partition {partition} to begin with cannot be read: {error}") from error

    def process(self, records: Sequence[InputRecord]) -> list[OutputRecord]:
        """What consecutive records of the partition give, in order, each with the partition that it goes to.

        What decide writes into the customer log itself is taken by `take_forwards`.

        Raises:
            ReplayError: a record is not what this version of streamproc writes or expects here.
        """
        deciding, adding = self._steps
        try:
            emitted = deciding.process(records)
            self._forwards += [each for each in emitted if each.topic == LOG_TOPIC and each.key != CONTROL_KEY]
            emitted = [each for each in emitted if each.topic != LOG_TOPIC]
            return emitted + adding.pass_on(emitted)
        except ReplayError as error:
            raise ReplayError(f"{self._place_of(records)}: {error}") from error
        except ValidationError as error:
            raise ReplayError(self._unreadable(records, error)) from error
        except (ValueError, AppliedTwiceError) as error:
            raise ReplayError(f"{self._place_of(records)}: {error}") from error

    def take_forwards(self) -> list[OutputRecord]:
        """What was passed on to other keys since the last time; a log that was written live has it already."""
        forwards, self._forwards = self._forwards, []
        return forwards

    def states(self) -> Iterator[tuple[str, int, bytes, bytes]]:
        """Every state at the end: changelog topic, partition, key and bytes, in the order of the keys."""
        for step in self._steps:
            for key, value in sorted(step.states().items()):
                yield str(step.changelog), self._partition, key, value

    def _place_of(self, records: Sequence[InputRecord]) -> str:
        return f"{LOG_TOPIC} partition {self._partition}, offsets {records[0].offset} to {records[-1].offset}"

    def _unreadable(self, records: Sequence[InputRecord], error: ValidationError) -> str:
        for record in records:
            try:
                decode_record(record.value or b"")
            except ValidationError as its:
                wrong = its.errors(include_url=False)[0]
                where = ".".join(map(str, wrong["loc"]))
                return (
                    f"{LOG_TOPIC} partition {self._partition}, offset {record.offset}: {where}: {wrong['msg']}; "
                    "another version of streamproc wrote it: replay it with that one"
                )
        return f"{self._place_of(records)}: {error}"
