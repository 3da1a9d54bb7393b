"""The local copies of a stage's states on this machine: which there are, and dropping them."""

import shutil
from pathlib import Path

from streamproc.data_folder import in_folder


def copies(data_dir: Path, group: str, partitions: tuple[int, ...] = ()) -> list[Path]:
    """The folders of a stage's local stores, what was set aside included.

    Raises:
        ConfigError: the system does not let us look.
    """
    with in_folder(data_dir):
        found = sorted(path for path in (data_dir / group).glob("*") if path.is_dir())
    return [path for path in found if not partitions or _partition(path) in partitions]


def drop_copy(path: Path) -> None:
    """Delete a copy, which nobody may be working with: the next worker builds it from the changelog."""
    shutil.rmtree(path)
    path.with_name(path.name + ".broken").unlink(missing_ok=True)


def size_bytes(path: Path) -> int:
    """How much space a copy takes."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _partition(path: Path) -> int | None:
    number = path.name.removesuffix(".set-aside").rpartition("-")[2]
    return int(number) if number.isdigit() else None
