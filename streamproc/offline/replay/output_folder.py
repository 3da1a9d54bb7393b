"""Puts together what the partitions gave: one file per topic, KPIs, states, summary."""

import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from streamproc.decide.states import is_customer
from streamproc.events.times import rfc3339
from streamproc.events.topics import (
    DECIDE_STATE_TOPIC,
    KPI_STATE_TOPIC,
    KPIS_TOPIC,
    LOG_TOPIC,
    MEASURE_STATE_TOPIC,
    PARTIALS_TOPIC,
    TRAINING_TOPIC,
)
from streamproc.offline.dumps.files import DumpWriter
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.group import STATES, ShardResult
from streamproc.offline.replay.kpis import Kpis, in_event_time
from streamproc.offline.replay.output import (
    BUFFER_BYTES,
    SUFFIX,
    PartFiles,
    encode_output,
    lines_of,
    message_of,
    part_file,
)
from streamproc.offline.replay.raw import TOPIC_ID
from streamproc.offline.replay.setup import ReplayConfig
from streamproc.offline.replay.states import State, all_states, write_states
from streamproc.offline.replay.summary import Summary
from streamproc.processor.api import InputRecord, OutputRecord

STATE_FILE = "state.jsonl"
SUMMARY_FILE = "summary.json"
_BLOCK_BYTES = 1 << 20
_SHARED = (TRAINING_TOPIC, PARTIALS_TOPIC)
"""Topics with one partition, into which all log partitions write."""


class LogWriter(DumpWriter):
    """Writes the customer log that a replay of raw dumps has made, as a dump that can be replayed itself."""

    def put(self, rows: Iterable[InputRecord]) -> None:
        """Append records of the log."""
        for row in rows:
            self.write(
                DumpedRecord(LOG_TOPIC, row.key, row.timestamp, row.value, row.partition, row.offset, topic_id=TOPIC_ID)
            )


class OutputFolder:
    """The folder of a replay, from its part files to the summary."""

    def __init__(self, setup: ReplayConfig, folder: Path, begin_with: Path | None = None) -> None:
        self.parts = folder / "parts"
        self.parts.mkdir()
        self._setup = setup
        self._folder = folder
        self._begin_with = begin_with
        self._aside = PartFiles(self.parts)
        self._behind = setup.log_partitions
        self._outputs: dict[str, int] = {}

    def log_writer(self) -> LogWriter:
        """Where the customer log goes."""
        return LogWriter(self._folder / f"{LOG_TOPIC}{SUFFIX}")

    def put_aside(self, emitted: Iterable[OutputRecord]) -> None:
        """Records that no partition of the log gave: dead letters of collect, and model cards."""
        self._aside.write(self._behind, emitted)

    def close(self) -> None:
        """Close the files, also those of a replay that has failed."""
        self._aside.close()

    def finish(
        self, results: Sequence[ShardResult], begins: Mapping[int, int], learned: Iterable[State] = ()
    ) -> Summary:
        """Write everything that is left to write; returns the summary, which is written, too."""
        self.close()
        kpis = Kpis(self._setup, self._known_kpis())
        partials, examples = (self._in_event_time(topic, results) for topic in (PARTIALS_TOPIC, TRAINING_TOPIC))
        with self._written(PARTIALS_TOPIC, partials) as lines:
            self._write(KPIS_TOPIC, map(encode_output, kpis.merge(map(message_of, lines))))
        self._write(TRAINING_TOPIC, examples)
        for topic in sorted(self._topics_of_parts() - {*_SHARED, STATES}):
            self._concatenate(topic)
        customers = self._write_states([r.partition for r in results], [*kpis.states(), *learned])
        shutil.rmtree(self.parts)
        summary = Summary(
            source="log" if begins else "raw",
            events=sum(r.events for r in results),
            repeats=sum(r.repeats for r in results),
            through=tuple(None if r.watermark_ms is None else rfc3339(r.watermark_ms) for r in results),
            begins={partition: offset for partition, offset in sorted(begins.items()) if offset},
            customers=customers,
            outputs=dict(sorted(self._outputs.items())),
            plan_version=self._setup.plan.version,
            model_versions=tuple(dict.fromkeys(version for r in results for version in r.versions)),
            decisions_hash=self._hash_of(sorted(f"{t}{SUFFIX}" for t in self._outputs if is_decisions(t))),
            states_hash=self._hash_of([STATE_FILE]),
        )
        summary.write(self._folder / SUMMARY_FILE)
        return summary

    def _known_kpis(self) -> dict[bytes, bytes]:
        known = all_states(self._begin_with) if self._begin_with else ()
        return {key: value for topic, _, key, value in known if topic == KPI_STATE_TOPIC}

    def _part(self, topic: str, partition: int) -> Path:
        return part_file(self.parts, topic, partition)

    def _topics_of_parts(self) -> set[str]:
        return {path.name.removesuffix(SUFFIX).rpartition(".")[0] for path in self.parts.iterdir()}

    def _in_event_time(self, topic: str, results: Sequence[ShardResult]) -> Iterator[bytes]:
        return in_event_time([lines_of(self._part(topic, r.partition)) for r in results], bytes)

    @contextmanager
    def _written(self, topic: str, lines: Iterable[bytes]) -> Iterator[Iterator[bytes]]:
        """The lines; each is in the topic's file when it has been taken."""
        count = 0

        def written() -> Iterator[bytes]:
            nonlocal count
            for line in lines:
                file.write(line)
                count += line.count(b"\n")
                yield line

        with (self._folder / f"{topic}{SUFFIX}").open("wb", BUFFER_BYTES) as file:
            yield written()
        if count:
            self._outputs[topic] = count

    def _write(self, topic: str, lines: Iterable[bytes]) -> None:
        with self._written(topic, lines) as written:
            deque(written, 0)

    def _concatenate(self, topic: str) -> None:
        """Partition after partition, as they are, and then what no partition gave."""
        parts = (self._part(topic, partition) for partition in range(self._behind + 1))
        self._write(topic, (block for part in parts for block in _blocks(part)))

    def _write_states(self, partitions: Sequence[int], others: Sequence[State]) -> int:
        """By changelog, partition and key; returns how many customers are known."""
        of_shards = [self._part(STATES, partition) for partition in partitions]
        topics = (DECIDE_STATE_TOPIC, MEASURE_STATE_TOPIC)
        customers = 0

        def states() -> Iterator[State]:
            nonlocal customers
            for topic in topics:
                for state in (state for path in of_shards for state in all_states(path) if state[0] == topic):
                    customers += topic == DECIDE_STATE_TOPIC and is_customer(state[2], state[3])
                    yield state
            yield from others

        write_states(self._folder / STATE_FILE, states())
        return customers

    def _hash_of(self, names: Sequence[str]) -> str:
        """Of files and their names."""
        digest = sha256()
        for name in names:
            digest.update(name.encode() + b"\n")
            with (self._folder / name).open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    digest.update(block)
        return digest.hexdigest()


def is_decisions(topic: str) -> bool:
    """Whether a topic holds what decide says to the outside."""
    return topic.startswith("marketing.") and topic != KPIS_TOPIC


def _blocks(path: Path) -> Iterator[bytes]:
    """The lines of a file, many at once."""
    if path.exists():
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block
