"""Watching the free space of the disk that holds the local stores.

Against a RocksDB that fails in the middle of a write, and a neighbour on the same disk that fails with it: the worker
ends before that, while everything it has committed is whole.
"""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from streamproc.runtime.refusal import DiskFullError

MEBIBYTE = 1 << 20


def check_disk(folder: Path, least_bytes: int) -> int:
    """See that there is room; returns how many bytes are free.

    Raises:
        DiskFullError: less than `least_bytes` are free.
    """
    free = shutil.disk_usage(folder).free
    if free < least_bytes:
        raise DiskFullError(f"{folder} has {free // MEBIBYTE} MiB left, at least {least_bytes // MEBIBYTE} are needed")
    return free


async def watch_disk(folder: Path, least_bytes: int, every_seconds: float, tell: Callable[[int, int], None]) -> None:
    """Look again and again, and tell how many bytes are free and how many there must be.

    Raises:
        DiskFullError: less than `least_bytes` are free.
    """
    while True:
        tell(check_disk(folder, least_bytes), least_bytes)
        await asyncio.sleep(every_seconds)
