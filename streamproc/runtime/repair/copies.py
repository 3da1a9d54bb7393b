"""The local copies of a stage's states on this machine: which there are, and dropping them."""

import fcntl
import shutil
from pathlib import Path


class CopyInUseError(Exception):
    """A worker on this machine has the copy open."""


def copies(data_dir: Path, group: str, partitions: tuple[int, ...] = ()) -> list[Path]:
    """The folders of a stage's local stores, what was set aside included."""
    found = sorted(path for path in (data_dir / group).glob("*") if path.is_dir())
    return [path for path in found if not partitions or _partition(path) in partitions]


def drop_copy(path: Path) -> None:
    """Delete a copy: the next worker builds it from the changelog.

    Raises:
        CopyInUseError: it is open.
    """
    check_not_in_use(path)
    shutil.rmtree(path)
    path.with_name(path.name + ".broken").unlink(missing_ok=True)


def check_not_in_use(path: Path) -> None:
    """Refuse a copy that a worker has open.

    Raises:
        CopyInUseError: it is open.
    """
    if _is_open(path):
        raise CopyInUseError(f"{path} is in use; stop the worker first")


def size_bytes(path: Path) -> int:
    """How much space a copy takes."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _partition(path: Path) -> int | None:
    number = path.name.removesuffix(".set-aside").rpartition("-")[2]
    return int(number) if number.isdigit() else None


def _is_open(path: Path) -> bool:
    """RocksDB holds a lock on the file LOCK as long as it is open."""
    try:
        with (path / "LOCK").open("r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
