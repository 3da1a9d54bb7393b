"""A process that stood still ends before it does anything."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from streamproc.runtime.exits import Exit

ROOT = Path(__file__).parents[3]

BUSY = """
import time
from streamproc.runtime.worker.guard import PauseGuard
guard = PauseGuard(1.0)
guard.start()
print("up", flush=True)
end = time.monotonic() + {seconds}
while time.monotonic() < end:
    guard.check()
print("done", flush=True)
"""


def start(seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BUSY.format(seconds=seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_process_that_was_stopped_for_too_long_ends_when_it_wakes() -> None:
    process = start(30)
    assert process.stdout is not None
    process.stdout.readline()
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(1.6)  # the pause itself
    os.kill(process.pid, signal.SIGCONT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == Exit.PAUSED
    assert "allowed are 1.0 s" in errors


def test_a_process_that_is_only_busy_goes_on() -> None:
    process = start(1.6)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "up\ndone\n", "")
