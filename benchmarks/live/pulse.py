"""A worker for benchmarks as a process of its own: it keeps a state per key, and tells each n-th event of a key."""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from streamproc.processor.api import Codec, OutputRecord, PartitionContext, Record, Source, Stage
from streamproc.runtime.telemetry.observer import Silent
from streamproc.runtime.worker.app import run_worker
from streamproc.runtime.worker_settings import WorkerSettings


@dataclass(frozen=True)
class Wanted:
    """What the worker is told, as JSON in its only argument."""

    servers: str
    name: str
    folder: str
    every: int = 1
    checkpoint_seconds: float = 0.2
    session_seconds: float = 20.0
    member_id: str | None = None

    @property
    def topics(self) -> tuple[str, str, str]:
        """Source, changelog, output."""
        return self.name, f"{self.name}.state", f"{self.name}.told"

    @property
    def group(self) -> str:
        """The consumer group."""
        return f"streamproc-{self.name}"


class Pulse:
    """One partition."""

    def __init__(self, wanted: Wanted, context: PartitionContext[int]) -> None:
        self._every = wanted.every
        self._output = wanted.topics[2]
        self._states = context.states

    def open(self) -> tuple[()]:
        """Nothing is derived from the states."""
        return ()

    def process(self, records: Sequence[Record]) -> list[OutputRecord]:
        """Count; tell the event itself, which says when it was made."""
        emitted = []
        for record in records:
            key = record.key or b""
            count = (self._states.get(key) or 0) + 1
            self._states.put(key, count)
            if count % self._every == 0:
                emitted.append(OutputRecord(self._output, key, record.value))
        return emitted


class Telling(Silent):
    """An observer that prints JSON lines with the clock."""

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:  # noqa: ARG002
        """How long it took."""
        say("checkpoint", seconds=seconds)

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:  # noqa: ARG002
        """How much and how long."""
        say("recovered", records=records, seconds=seconds)

    def ready(self, owned: int, ready: int) -> None:
        """How many partitions are at work."""
        say("ready", owned=owned, ready=ready)


def say(what: str, **values: float) -> None:
    """One line."""
    os.write(1, b"\n" + orjson.dumps({"what": what, "at": time.time(), **values}) + b"\n")


def main() -> int:
    """Work until stopped."""
    wanted = Wanted(**orjson.loads(sys.argv[1]))
    source, changelog, output = wanted.topics
    codec: Codec[int] = Codec(orjson.dumps, orjson.loads)
    settings = WorkerSettings(
        {"bootstrap_servers": wanted.servers},
        Path(wanted.folder),
        checkpoint_seconds=wanted.checkpoint_seconds,
        session_seconds=wanted.session_seconds,
        member_id=wanted.member_id,
        observer=Telling(),
    )
    kind = Source((source,), lambda context: Pulse(wanted, context), changelog, codec)
    return run_worker(Stage(wanted.name, (kind,), (output,)), settings)


if __name__ == "__main__":
    sys.exit(main())
