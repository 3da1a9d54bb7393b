"""A worker in a process that is forked from one that has imported everything: up in a moment, not after seconds of CPU.

What a start from nothing does is tested where it matters: in the live systems, with `up`, and with the commands.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tests.faults.processes import forking

Main = Callable[[Sequence[str]], object]
"""What a process does with the words of its command line; what it returns is its exit code."""


class Running(Protocol):
    """What tests do with a process, however it was started; as of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


class Forked:
    """A forked process, as `Running`.

    Args:
        main: an importable function.
        words: its command line.
        environ: all of its environment.
        output: where it prints to.
    """

    def __init__(self, main: Main, words: Sequence[str], environ: Mapping[str, str], output: Path) -> None:
        self._process = forking().Process(target=_be, args=(main, words, dict(environ), output), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout or 0.0)
        return code

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _be(main: Main, words: Sequence[str], environ: Mapping[str, str], output: Path) -> None:
    with output.open("wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    os.environ.clear()
    os.environ.update(environ)
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    sys.exit(main(words))  # type: ignore[arg-type]  # the exit code


def _end_with_the_tests() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
