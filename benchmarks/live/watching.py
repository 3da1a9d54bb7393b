"""A worker process and what it has said so far."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from benchmarks.lab import Lab, module, process
from benchmarks.live.pulse import Wanted

PATIENCE_SECONDS = 180.0


class Watched:
    """One run of a worker."""

    def __init__(self, started: subprocess.Popen[bytes], output: Path) -> None:
        self.process = started
        self.began = time.time()
        self._output = output

    def said(self, what: str) -> list[dict[str, Any]]:
        """Its lines of a kind."""
        lines = self._output.read_bytes().splitlines()
        found = [orjson.loads(line) for line in lines if line.startswith(b'{"what"')]
        return [line for line in found if line["what"] == what]

    def ready_at(self, partitions: int) -> float | None:
        """When it first had so many partitions at work."""
        return next((line["at"] for line in self.said("ready") if line["ready"] == line["owned"] == partitions), None)

    def wait_ready(self, partitions: int) -> float:
        """Seconds from its start until so many partitions are at work."""
        until(lambda: self.ready_at(partitions) is not None, self)
        return (self.ready_at(partitions) or 0.0) - self.began

    @property
    def text(self) -> str:
        """All that it has said."""
        return self._output.read_text(errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait."""
        self.process.send_signal(number)
        self.process.wait(60)


@contextmanager
def watched(lab: Lab, wanted: Wanted) -> Iterator[Watched]:
    """A pulse worker."""
    output = lab.folder / f"{lab.name('output')}.txt"
    argument = orjson.dumps(asdict(wanted)).decode()
    with process(module("benchmarks.live.pulse", argument), output) as started:
        yield Watched(started, output)


def until(condition: Callable[[], bool], *workers: Watched, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for a condition; raise with what the workers said if it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        ended = any(worker.process.poll() is not None for worker in workers)
        if ended or time.monotonic() > deadline:
            raise AssertionError("\n".join(worker.text[-2000:] for worker in workers))
        time.sleep(0.02)
