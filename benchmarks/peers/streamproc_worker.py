"""The reference job on this runtime: a stage, run by `run_worker`, exactly once, with RocksDB and a changelog."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from benchmarks.peers.job import Values, after, trigger
from benchmarks.peers.meter import Meter, Wanted
from streamproc.processor.api import Codec, OutputRecord, PartitionContext, Record, Source, Stage
from streamproc.runtime.worker.app import run_worker
from streamproc.runtime.worker_settings import WorkerSettings


class Run:
    """What the partitions of the worker have in common: the meter, and how much is committed."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.meter = Meter(wanted)
        self.committed = 0

    def commit(self, events: int) -> None:
        """So many more are committed; when all are, the run ends."""
        self.committed += events
        if self.committed >= self.wanted.events:
            self.meter.report()
            os._exit(0)


class Purchases:
    """The job on one partition."""

    def __init__(self, run: Run, context: PartitionContext[Values]) -> None:
        self._run = run
        self._states = context.states
        self._processed = self._cut = self._committed = 0

    def open(self) -> tuple[()]:
        """Nothing is derived from the states."""
        return ()

    def process(self, records: Sequence[Record]) -> list[OutputRecord]:
        """Fold the events, tell each tenth."""
        get, put, wanted = self._states.get, self._states.put, self._run.wanted
        emitted = []
        for record in records:
            key, event = record.key or b"", orjson.loads(record.value or b"")
            state = after(get(key), event, wanted.ballast)
            put(key, state)
            told = trigger(state, event)
            if told is not None:
                emitted.append(OutputRecord(wanted.output, key, orjson.dumps(told)))
        self._processed += len(records)
        self._run.meter.add(len(records), len(emitted))
        return emitted

    def cut(self) -> None:
        """A transaction begins."""
        self._cut = self._processed

    def committed(self) -> None:
        """It is committed."""
        self._run.commit(self._cut - self._committed)
        self._committed = self._cut


def main() -> int:
    """Run until all events are committed."""
    wanted = Wanted.read(sys.argv[1])
    run = Run(wanted)
    codec: Codec[Values] = Codec(orjson.dumps, orjson.loads)
    source = Source((wanted.source,), lambda context: Purchases(run, context), f"{wanted.run}.state", codec)
    client = {"bootstrap_servers": wanted.servers}
    settings = WorkerSettings(client, Path(wanted.folder), checkpoint_seconds=wanted.checkpoint_seconds)
    return run_worker(Stage(wanted.run, (source,), (wanted.output,)), settings)


if __name__ == "__main__":
    sys.exit(main())
