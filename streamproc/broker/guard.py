"""The broker dies with its owner: a small process that waits until the owner is gone, however that happened.

The owner holds one end of a pipe. If it dies, also by kill -9, the system closes that end; the guard reads the end of
the file and stops the broker. That works on every POSIX system, unlike Linux's `PR_SET_PDEATHSIG`, which also fires
when only the *thread* that started the child ends.

This file is run as a script of its own, by `python -I -S`: it may import nothing but the standard library.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Self

PATIENCE_SECONDS = 10
RELEASED = b"."


class Guard:
    """The owner's side: as long as it is not released, the end of this process is the end of the guarded one."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @classmethod
    def over(cls, pid: int) -> Self:
        """Start to guard a process; in a session of its own, so that Ctrl-C does not reach it."""
        return cls(
            subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, str(pid)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    def release(self) -> None:
        """The guarded process has ended, or may live on."""
        with suppress(BrokenPipeError):
            self._process.communicate(RELEASED)


def main() -> None:
    """The guard's side: wait for the owner's last word."""
    if sys.stdin.buffer.read(1) == RELEASED:
        return
    pid = int(sys.argv[1])
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.1)
            os.kill(pid, 0)
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
