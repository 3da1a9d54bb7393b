"""A supervisor whose workers are forked from a process that has imported everything: four are up for the CPU of one."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import inf
from pathlib import Path
from typing import IO, cast

from streamproc.runtime.supervise.supervisor import Supervisor
from tests.runtime.forked import Forked
from tests.runtime.worker_process import streamproc

LOOK_EVERY_SECONDS = 0.01


class ForkedWorker(Forked):
    """A forked worker, as far as a supervisor looks at a `subprocess.Popen`."""

    stdin = None

    def __init__(self, words: Sequence[str], environ: Mapping[str, str]) -> None:
        self._pipe = Path(tempfile.mkdtemp(prefix="worker-")) / "output"
        os.mkfifo(self._pipe)
        self._reading = threading.Lock()
        super().__init__(streamproc, words, environ, self._pipe)

    def poll(self) -> int | None:
        """Its exit code, which can be read only once: the supervisor's thread and a test may both be about to."""
        with self._reading:
            return super().poll()

    def wait(self, timeout: float | None = None) -> int:
        deadline = inf if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a forked worker", timeout or 0.0)
            time.sleep(LOOK_EVERY_SECONDS)
        return code

    @property
    def returncode(self) -> int | None:
        return self.poll()

    @cached_property
    def stdout(self) -> IO[str]:
        """Opened by whoever reads it, who waits until the worker has opened its end."""
        lines = self._pipe.open(errors="replace")
        self._pipe.unlink()
        self._pipe.parent.rmdir()
        return lines


class ForkedSupervisor(Supervisor):
    """Its commands are words for `streamproc`."""

    def _start(self, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[str]:
        return cast(subprocess.Popen[str], ForkedWorker(command, environ))
