"""Some partitions of the log in one process: what they give goes into files, what they know stays in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streamproc.events.topics import TRAINING_TOPIC
from streamproc.offline.replay.output import PartFiles, part_file
from streamproc.offline.replay.raw import TOPIC_ID
from streamproc.offline.replay.setup import ReplayConfig
from streamproc.offline.replay.shard import Encoded, Shard
from streamproc.offline.replay.states import read_states, write_states
from streamproc.processor.api import InputRecord, OutputRecord

STATES = "state"
"""What the part files of states are named after, as the others after their topics."""


@dataclass(frozen=True, slots=True)
class ShardJob:
    """What a group of partitions does, and where.

    Attributes:
        setup: the configuration.
        partitions: the group's log partitions.
        folder: where the part files go.
        begin_with: a `state.jsonl` with the states to begin with, if not with none.
        is_raw: whether the log is being made: then what was answered, and what is passed on, is asked for.
    """

    setup: ReplayConfig
    partitions: Sequence[int]
    folder: Path
    begin_with: Path | None = None
    is_raw: bool = False


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What became of a partition: events, repeats, event time reached (epoch ms) and the model versions in order."""

    partition: int
    events: int
    repeats: int
    watermark_ms: int | None
    versions: tuple[str, ...]


class ShardGroup:
    """Replays its partitions, whatever the order in which their runs come."""

    def __init__(self, work: ShardJob) -> None:
        self._work = work
        self._files = PartFiles(work.folder)
        self._shards: dict[int, Shard] = {}
        self._answered: dict[int, list[OutputRecord]] = {number: [] for number in work.partitions}
        self._forwards: dict[int, list[OutputRecord]] = {number: [] for number in work.partitions}
        self._encoded: Mapping[int, Encoded] = read_states(work.begin_with, work.partitions) if work.begin_with else {}

    def feed(self, run: Sequence[InputRecord], topic_id: str) -> None:
        """Replay consecutive records of one partition.

        Raises:
            ReplayError: they are not what they should be.
        """
        partition = run[0].partition
        emitted = self._shard(partition, topic_id).process(run)
        self._files.write(partition, emitted)
        forwards = self._shard(partition, topic_id).take_forwards()
        if self._work.is_raw:
            self._forwards[partition] += forwards
            self._answered[partition] += [each for each in emitted if each.topic == TRAINING_TOPIC]

    def take_answered(self) -> list[tuple[int, list[OutputRecord]]]:
        """What each partition wrote for learn since the last time."""
        answered, self._answered = self._answered, {number: [] for number in self._work.partitions}
        return list(answered.items())

    def take_forwards(self) -> list[tuple[int, list[OutputRecord]]]:
        """What each partition passed on to other keys since the last time."""
        forwards, self._forwards = self._forwards, {number: [] for number in self._work.partitions}
        return list(forwards.items())

    def close(self) -> None:
        """Close the files, also those of a replay that has failed."""
        self._files.close()

    def finish(self) -> list[ShardResult]:
        """Write the states, close the files."""
        self.close()
        for partition in self._work.partitions:
            shard = self._shard(partition, TOPIC_ID)
            write_states(part_file(self._work.folder, STATES, partition), shard.states())
        return [self._result(partition) for partition in self._work.partitions]

    def _shard(self, partition: int, topic_id: str) -> Shard:
        shard = self._shards.get(partition)
        if shard is None:
            known = self._encoded.get(partition)
            shard = self._shards[partition] = Shard(self._work.setup, partition, topic_id, known)
        return shard

    def _result(self, partition: int) -> ShardResult:
        counts = self._shards[partition].counts
        return ShardResult(partition, counts.events, counts.repeats, counts.watermark_ms, tuple(counts.versions))


def in_order(answered: Iterable[tuple[int, list[OutputRecord]]]) -> list[OutputRecord]:
    """What all partitions answered, by their numbers."""
    return [each for _, emitted in sorted(answered, key=lambda item: item[0]) for each in emitted]
