"""Files that are whole or not there, also after a crash of the machine: written aside, then given their name.

Against half a file that a later start takes for a whole one. Two that write the same file do not disturb each other:
the last one's stays.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def left_aside(name: str) -> str:
    """The pattern of what a process that was killed while it wrote a file of that name may leave beside it."""
    return f".{name}.*.partial"


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Where to write what is to be at `path`: it gets its name when the block has ended well, else nothing is left."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield aside
        put_in_place(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file."""
    with written_aside(path) as aside:
        aside.write_bytes(content)


def put_in_place(complete: Path, path: Path) -> None:
    """Give a complete file, which nobody writes any more, its name: first its content is on the disk, then the name."""
    to_disk(complete)
    complete.replace(path)
    to_disk(path.parent)


def to_disk(path: Path) -> None:
    """What was written to a file is on the disk afterwards; of a folder, the names in it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
