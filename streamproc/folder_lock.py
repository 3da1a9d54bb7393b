"""A folder that one process at a time works in.

Against two workers on one data folder: each would write, rename and delete files inside the other's databases. The lock
is the system's (`flock`), so it is given back when its process is gone, however that went: a file that names a dead
process means nothing. It is not handed down to children, unless on purpose.
"""

import fcntl
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from streamproc.config_error import ConfigError, Problem
from streamproc.data_folder import in_folder

LOCK_FILE = "lock"
LOOK_EVERY_SECONDS = 0.02
REMEDY = "stop that one, or give this one a folder of its own: STREAMPROC_RUNTIME__DATA_DIR"


class FolderInUseError(ConfigError):
    """Another process works in the folder; says which, and what to do."""

    def __init__(self, folder: Path, holder: str) -> None:
        self.what = f"{folder} is in use by {holder}"
        super().__init__([Problem("", "", f"{self.what}: {REMEDY}")])


class FolderLock:
    """The right to work in a folder.

    A worker takes it before it opens anything and never gives it back: the system does, when the process is gone.
    """

    def __init__(self, folder: Path, name: str = LOCK_FILE) -> None:
        self._folder = folder
        self._file = folder / name
        self._descriptor: int | None = None

    def take(self, patience_seconds: float = 0.0) -> None:
        """Wait for the right, which somebody who is about to end may still have; makes the folder.

        Raises:
            FolderInUseError: somebody else has it.
            ConfigError: the folder cannot be used.
        """
        with in_folder(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
            if not locked_in_time(descriptor, patience_seconds):
                os.close(descriptor)
                raise FolderInUseError(self._folder, self._holder())
            self._descriptor = descriptor
        self._sign(descriptor)

    def __enter__(self) -> Self:
        """Take it for a while."""
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give it back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _sign(self, descriptor: int) -> None:
        """Say who has it, for people; a full disk does not take even that."""
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)

    def _holder(self) -> str:
        with suppress(OSError):
            return self._file.read_text("utf-8", "replace").strip() or "another process"
        return "another process"


def locked_in_time(descriptor: int, patience_seconds: float) -> bool:
    """Take the lock of an open file if it can be had in time."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOOK_EVERY_SECONDS)
        else:
            return True
