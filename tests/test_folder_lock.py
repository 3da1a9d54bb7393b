"""One process at a time works in a folder, and the right goes with the process."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.folder_lock import FolderInUseError, FolderLock

HOLD = """
import subprocess, sys
from pathlib import Path
from streamproc.folder_lock import FolderLock
FolderLock(Path(sys.argv[1])).take()
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"])
print(child.pid, flush=True)
sys.stdin.read()
"""


@contextmanager
def holder_of(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has the folder, and has a child of its own."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            yield holder
        finally:
            holder.kill()
            os.kill(child, signal.SIGKILL)


def test_the_second_one_is_told_who_is_there_and_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "streamproc-decide"
    with holder_of(folder) as holder, pytest.raises(FolderInUseError) as refused:
        FolderLock(folder).take()
    assert f"{folder} is in use by process {holder.pid} on " in str(refused.value)
    assert "STREAMPROC_RUNTIME__DATA_DIR" in str(refused.value)


def test_a_killed_process_has_nothing_any_more_though_its_child_lives(tmp_path: Path) -> None:
    with holder_of(tmp_path) as holder:
        holder.kill()
        holder.wait()
        FolderLock(tmp_path).take()


def test_a_frozen_process_has_it_still(tmp_path: Path) -> None:
    with holder_of(tmp_path) as holder:
        holder.send_signal(signal.SIGSTOP)
        with pytest.raises(FolderInUseError):
            FolderLock(tmp_path).take()


def test_who_is_about_to_end_is_waited_for(tmp_path: Path) -> None:
    with holder_of(tmp_path) as holder:
        threading.Timer(0.3, holder.kill).start()
        FolderLock(tmp_path).take(patience_seconds=30)


def test_what_was_taken_for_a_while_is_given_back(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(FolderInUseError):
        FolderLock(tmp_path).take()
    FolderLock(tmp_path).take()


def test_a_folder_that_cannot_be_used_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("somebody's")
    with pytest.raises(ConfigError, match="Not a directory"):
        FolderLock(tmp_path / "file" / "group").take()
