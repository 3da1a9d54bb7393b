"""The whole customer log in one process: for tests and analyses that want the records themselves."""

from collections.abc import Callable, Iterable, Iterator

from streamproc.events.topics import KPI_STATE_TOPIC, PARTIALS_TOPIC
from streamproc.offline.replay.kpis import Kpis, in_event_time
from streamproc.offline.replay.setup import ReplayConfig
from streamproc.offline.replay.shard import Encoded, Shard
from streamproc.processor.api import InputRecord, OutputRecord


def in_runs(records: Iterable[InputRecord], length: int = 1_000) -> Iterator[list[InputRecord]]:
    """Records of any partitions as runs of one partition each, in the order of each partition."""
    runs: dict[int, list[InputRecord]] = {}
    for record in records:
        run = runs.setdefault(record.partition, [])
        run.append(record)
        if len(run) >= length:
            yield runs.pop(record.partition)
    yield from runs.values()


class LogReplay:
    """A replay in memory.

    `outputs` gives what each run of records causes, and at the end the KPIs, for which all partial sums are kept in
    memory; `run.py` does the same for logs of any length.
    """

    def __init__(self, setup: ReplayConfig, topic_id: str, encoded: Callable[[int], Encoded] = lambda _: {}) -> None:
        partitions = range(setup.log_partitions)
        self.shards = [Shard(setup, number, topic_id, encoded(number)) for number in partitions]
        self._partials: list[list[OutputRecord]] = [[] for _ in partitions]
        self._kpis = Kpis(setup, encoded(0).get(KPI_STATE_TOPIC))

    def outputs(self, records: Iterable[InputRecord]) -> Iterator[OutputRecord]:
        """Every record that the live stages decide and measure would write."""
        for run in in_runs(records):
            partition = run[0].partition
            for emitted in self.shards[partition].process(run):
                if emitted.topic == PARTIALS_TOPIC:
                    self._partials[partition].append(emitted)
                yield emitted
        yield from self._kpis.merge(map(_message, in_event_time(self._partials, _message)))

    def states(self) -> Iterator[tuple[str, int, bytes, bytes]]:
        """Every state at the end: changelog topic, partition, key and bytes."""
        for shard in self.shards:
            yield from shard.states()
        yield from self._kpis.states()


def _message(emitted: OutputRecord) -> bytes:
    return emitted.value or b""
