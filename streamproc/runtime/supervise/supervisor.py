"""Keeps the worker processes of all stages running on one machine.

Against the fault that a worker which ended stays away: it is started again after a growing pause. One that ends again
and again with the same code is given up, loudly: soon if it needs somebody, later if it might mend itself.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from streamproc.runtime.deadlines import LAST_WORDS_SECONDS, SUPERVISOR_SECONDS
from streamproc.runtime.exits import attempts_after
from streamproc.runtime.supervise.past import told_to_worker

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
"""A worker that ran for so long begins with the shortest pause again."""

FORGIVEN_SECONDS = 600.0
"""A worker that ran for so long has not ended in a row with the time before."""

LONGEST_LINE = 64 << 10
"""Characters; what is longer comes in pieces, and costs no more memory than this."""

Say = Callable[[str, str], None]


@dataclass
class Child:
    """One stage's process, how often it ended early, and how often in a row with `code`."""

    stage: str
    command: Sequence[str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    failures: int = 0
    restarts: int = 0
    code: int | None = None
    same: int = 0
    start_at: float = 0.0
    given_up: bool = False
    readers: list[threading.Thread] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts one process per stage, passes on what they print, and restarts those that end."""

    def __init__(self, commands: Mapping[str, Sequence[str]], say: Say, environ: dict[str, str] | None = None) -> None:
        self.children = [Child(stage, command) for stage, command in commands.items()]
        self._say = say
        self._environ = {**os.environ, **(environ or {}), "PYTHONUNBUFFERED": "1"}
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start all stages."""
        for child in self.children:
            self._launch(child)

    def watch(self, seconds: float | None = None) -> bool:
        """Look after the stages until stopped, or for some seconds; False when one had to be given up."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self._stopping.is_set() and (end is None or time.monotonic() < end):
            for child in self.children:
                self._look_after(child)
            if self.given_up is not None:
                return False
            self._stopping.wait(0.2)
        return True

    @property
    def given_up(self) -> Child | None:
        """The stage that was given up, if one was."""
        return next((child for child in self.children if child.given_up), None)

    def ask_to_stop(self) -> None:
        """End `watch` soon; safe in a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop all stages: SIGTERM, then after a while SIGKILL, each by its own id."""
        self._stopping.set()
        running = [child.process for child in self.children if child.is_running and child.process]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + SUPERVISOR_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self.children:
            self._hear_out(child)

    def _launch(self, child: Child) -> None:
        child.started = time.monotonic()
        child.process = self._start(child.command, self._environ | told_to_worker(child.restarts, child.code))
        reader = threading.Thread(target=self._pass_on, args=(child,), daemon=True)
        child.readers = [reader]
        reader.start()

    def _start(self, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", env=environ, start_new_session=True,
        )  # fmt: skip

    def _pass_on(self, child: Child) -> None:
        process = child.process
        if process is None or process.stdout is None:
            return
        with process.stdout as lines:
            for line in iter(lambda: lines.readline(LONGEST_LINE), ""):
                self._say(child.stage, line.rstrip("\n"))
        if process.stdin is not None:
            process.stdin.close()  # Its end is what tells a process that we are gone; this one has gone first.

    def _hear_out(self, child: Child) -> None:
        for reader in child.readers:
            reader.join(LAST_WORDS_SECONDS)

    def _look_after(self, child: Child) -> None:
        if child.is_running or child.given_up:
            return
        now = time.monotonic()
        if child.start_at == 0.0:
            self._note_end(child, now)
        elif now >= child.start_at:
            child.start_at = 0.0
            child.restarts += 1
            self._launch(child)

    def _note_end(self, child: Child, now: float) -> None:
        code, lived_seconds = child.process.returncode if child.process else 1, now - child.started
        child.failures = 1 if lived_seconds > HEALTHY_SECONDS else child.failures + 1
        child.same = child.same + 1 if code == child.code and lived_seconds < FORGIVEN_SECONDS else 1
        child.code = code
        self._hear_out(child)
        if child.same >= attempts_after(code):
            child.given_up = True
            self._say(child.stage, f"ended with {code} {child.same} times in a row: GIVEN UP, it needs somebody")
            return
        doubled = FIRST_PAUSE_SECONDS * 2 ** min(child.failures - 1, 10)
        pause = min(LONGEST_PAUSE_SECONDS, doubled) * random.uniform(0.8, 1.2)
        child.start_at = now + pause
        if child.same & (child.same - 1) == 0:  # the 1st, 2nd, 4th, 8th … time: a night without Kafka has many
            times = f", {child.same} times in a row" if child.same > 1 else ""
            self._say(child.stage, f"ended with {code}{times}; starting again in {pause:.1f} s")


def worker_command(stage: str, arguments: Sequence[str]) -> list[str]:
    """The command line of a worker process that a supervisor of this file starts."""
    return [sys.executable, "-m", "streamproc", *arguments, "worker", stage, "--supervised"]
