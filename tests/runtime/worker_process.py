"""Processes whose output is kept, the counting worker among them, and waiting for what they print."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import orjson

from streamproc import cli
from tests.runtime import counting_worker
from tests.runtime.forked import Forked, Main, Running

PATIENCE_SECONDS = 120.0
SHORTEST_PAUSE_SECONDS = 0.05
PAUSE_RATIO = 4
"""Between two looks, so many times as long as a look takes: to ask Kafka all the time would cost more than what is
waited for."""


class PrintingProcess:
    """A process whose output is kept."""

    def __init__(self, folder: Path, command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data_dir = folder / "data"
        self._output = folder / f"output-{time.monotonic_ns()}.txt"
        self.process: Running = self._start(command, os.environ | dict(environ or {}))

    def _start(self, command: Sequence[str], environ: Mapping[str, str]) -> Running:
        with self._output.open("wb") as output:
            return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing outlives the test, however that ends."""
        if self.process.poll() is None:
            self.kill()

    @property
    def text(self) -> str:
        return self._output.read_text()

    def wait(self) -> int:
        """Wait for its end."""
        return self.process.wait(PATIENCE_SECONDS)

    def terminate(self) -> int:
        self.process.terminate()
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.wait()


def streamproc(words: Sequence[str]) -> None:
    """The command line, which ends the process."""
    cli.main(list(words))


class ForkedProcess(PrintingProcess):
    """`streamproc`, or what else `main` is, with the words of its command line; up in a moment."""

    main: Main = staticmethod(streamproc)

    def _start(self, command: Sequence[str], environ: Mapping[str, str]) -> Running:
        self._output.touch()
        return Forked(self.main, command, environ, self._output)


class WorkerProcess(ForkedProcess):
    """A worker with the counting stage."""

    main: Main = staticmethod(counting_worker.main)

    def __init__(self, folder: Path, wanted: dict[str, Any]) -> None:
        super().__init__(folder, [orjson.dumps(wanted | {"data_dir": str(folder / "data")}).decode()])

    @property
    def ready(self) -> int:
        """How many partitions it has at work, as it said last."""
        said = re.findall(r"^ready (\d+) of (\d+)$", self.text, re.MULTILINE)
        return int(said[-1][0]) if said and said[-1][0] == said[-1][1] else 0


def until(condition: Callable[[], bool], *workers: PrintingProcess) -> None:
    """Wait for a condition, and say what the workers printed if it does not come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        looked_at = time.monotonic()
        if condition():
            return
        all_ended = bool(workers) and all(worker.process.poll() is not None for worker in workers)
        if all_ended or time.monotonic() > deadline:
            raise AssertionError("\n\n".join(worker.text for worker in workers))
        time.sleep(max(SHORTEST_PAUSE_SECONDS, PAUSE_RATIO * (time.monotonic() - looked_at)))
