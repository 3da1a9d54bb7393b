"""A dump of the customer log, looked at while it is read: is it one log, whole and in order?"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from streamproc.events.topics import LOG_TOPIC
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.setup import ReplayError
from streamproc.processor.api import InputRecord


def read_in_turn(dumps: Sequence[Path]) -> Iterator[DumpedRecord]:
    """The records of dumps, one file after the other."""
    for path in dumps:
        yield from read_dump(path)


class LogDump:
    """What was read of a customer log so far.

    Attributes:
        topic_id: the log's id; every decision's id depends on it.
        begins: for each partition the offset of its first record.
    """

    def __init__(self, partitions: int) -> None:
        self.topic_id = ""
        self.begins: dict[int, int] = {}
        self._partitions = partitions
        self._reached: dict[int, int] = {}

    def reads(self, records: Iterable[DumpedRecord]) -> Iterator[InputRecord]:
        """The records as decide reads them.

        Raises:
            ReplayError: a record is not of this log, or not in its place.
        """
        for record in records:
            partition, offset = record.partition, record.offset
            if record.topic != LOG_TOPIC:
                raise ReplayError(f"{record.topic} is not the customer log: dump {LOG_TOPIC} alone, and replay that")
            if partition is None or offset is None or record.topic_id is None:
                raise ReplayError(f"a record of {LOG_TOPIC} without its offset: dump it anew with `streamproc dump`")
            self._check(partition, offset, record.topic_id)
            yield InputRecord(LOG_TOPIC, partition, offset, record.timestamp, record.key, record.value, record.headers)

    def _check(self, partition: int, offset: int, topic_id: str) -> None:
        place = f"{LOG_TOPIC} partition {partition}, offset {offset}"
        if topic_id != self.topic_id:
            if self.topic_id:
                raise ReplayError(
                    f"{place}: is of another log (topic id {topic_id}, before it {self.topic_id}): the topic was made "
                    "anew in between; replay the dumps of one log at a time"
                )
            self.topic_id = topic_id
        if partition >= self._partitions:
            raise ReplayError(
                f"{place}: topics/ says that the log has {self._partitions} partitions; "
                "replay with the topics folder of the system that the dump is from (--topics)"
            )
        reached = self._reached.get(partition)
        if reached is None:
            self.begins[partition] = offset
        elif offset <= reached:
            raise ReplayError(
                f"{place}: comes after offset {reached}: name each dump once, in the order in which they were made"
            )
        self._reached[partition] = offset
