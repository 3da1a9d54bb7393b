"""The local copy of one changelog partition, so that a restart on the same machine reads only the changelog's tail.

Against a copy that claims more than it has: it is written only after the transaction has committed, together with the
changelog position up to which it is complete, in one atomic batch. A copy that is corrupt, is not of this changelog
or was written by another version is thrown away: the changelog is the truth. Any other error leaves it alone: a copy
that somebody holds, or a disk that is full or away, is no broken copy.
"""

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson
import rocksdict

from streamproc.runtime.exits import Exit
from streamproc.runtime.refusal import DiskFullError, RefusedError

RESERVED = b"\x00"
"""Keys that begin with it are the runtime's own."""

NO_SPACE = "No space left"
_POSITION_KEY = RESERVED + b"position"
_FORMAT = 1

Change = tuple[bytes, bytes | None]
"""A key with its encoded state; None removes it."""


class CopyPosition(NamedTuple):
    """Up to which offset of which changelog a copy is complete, and when that was written (epoch seconds)."""

    topic_id: str
    offset: int
    written_at: float


class StateStore(Protocol):
    """A copy of one changelog partition."""

    def position(self) -> CopyPosition | None:
        """How far the copy is; None if there is none to build upon."""
        ...

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        ...

    def write(self, changes: Iterable[Change], position: CopyPosition) -> None:
        """Apply changes and move the position, both or neither."""
        ...

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys but the reserved ones."""
        ...

    def wipe(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Give the files back."""
        ...


class InMemoryStore:
    """A copy that is gone with the process: each take-over reads the whole changelog."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}
        self._position: CopyPosition | None = None

    def position(self) -> CopyPosition | None:
        """How far the copy is."""
        return self._position

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        return self._values.get(key)

    def write(self, changes: Iterable[Change], position: CopyPosition) -> None:
        """Apply changes and move the position."""
        for key, value in changes:
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value
        self._position = position

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys but the reserved ones."""
        return ((key, value) for key, value in self._values.items() if not key.startswith(RESERVED))

    def wipe(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._position = None

    def close(self) -> None:
        """There is nothing to give back."""


class RocksMemory:
    """RocksDB's block cache and write buffers, shared by all stores of a worker.

    Left alone, RocksDB takes them per store, and memory grows with the number of partitions.
    """

    def __init__(self, cache_bytes: int, write_bytes: int) -> None:
        cache = rocksdict.Cache(cache_bytes)
        blocks = rocksdict.BlockBasedOptions()
        blocks.set_block_cache(cache)
        blocks.set_bloom_filter(10, block_based=False)
        blocks.set_cache_index_and_filter_blocks(True)
        self.options = rocksdict.Options(raw_mode=True)
        self.options.create_if_missing(True)  # noqa: FBT003
        self.options.set_block_based_table_factory(blocks)
        self.options.set_write_buffer_manager(rocksdict.WriteBufferManager(write_bytes, False))  # noqa: FBT003
        self.options.set_write_buffer_size(write_bytes // 4)
        self.options.set_keep_log_file_num(2)


class StoreError(RefusedError):
    """RocksDB cannot read or write."""

    code = Exit.STORE


class RocksStore:
    """A copy in RocksDB."""

    def __init__(self, path: Path, memory: RocksMemory) -> None:
        self._path = path
        self._memory = memory
        self._broken = path.with_name(path.name + ".broken")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = self._open_or_begin_anew()
        except Exception as error:  # rocksdict has one kind of error for all
            raise self._failed(error) from error

    def position(self) -> CopyPosition | None:
        """How far the copy is; None also for a copy of another format."""
        raw = self.get(_POSITION_KEY)
        if raw is None:
            return None
        try:
            fields = orjson.loads(raw)
            if fields["format"] == _FORMAT:
                return CopyPosition(fields["topic_id"], fields["offset"], fields["written_at"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            pass
        return None

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        try:
            value: bytes | None = self._db.get(key)
        except Exception as error:
            raise self._failed(error) from error
        return value

    def write(self, changes: Iterable[Change], position: CopyPosition) -> None:
        """Apply changes and move the position, both or neither."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_POSITION_KEY, orjson.dumps({"format": _FORMAT} | position._asdict()))
        try:
            self._db.write(batch)
        except Exception as error:
            raise self._failed(error) from error

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys but the reserved ones."""
        try:
            yield from ((key, value) for key, value in self._db.items() if not key.startswith(RESERVED))
        except Exception as error:
            raise self._failed(error) from error

    def wipe(self) -> None:
        """Forget everything."""
        try:
            self._db.close()
            shutil.rmtree(self._path)
            self._db = self._open()
        except Exception as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Give the files back."""
        self._db.close()

    def _open_or_begin_anew(self) -> Any:
        """A copy that was found corrupt, before or now, is set aside; no other one."""
        if self._broken.exists():
            self._set_aside()
        try:
            return self._open()
        except Exception as error:
            if not _is_corrupt(error):
                raise
            self._set_aside()
            return self._open()

    def _open(self) -> Any:
        return rocksdict.Rdict(str(self._path), options=self._memory.options)

    def _failed(self, error: Exception) -> RefusedError:
        """A corrupt copy is marked, to be rebuilt at the next start; one on a full disk is good up to its position."""
        if NO_SPACE in str(error):
            return DiskFullError(f"{self._path}: {error}")
        if _is_corrupt(error):
            with contextlib.suppress(OSError):
                self._broken.touch()
        return StoreError(f"{self._path}: {error}")

    def _set_aside(self) -> None:
        """Keep what is broken, for whoever wants to know why; only the last one."""
        aside = self._path.with_name(self._path.name + ".set-aside")
        shutil.rmtree(aside, ignore_errors=True)
        if self._path.exists():
            self._path.rename(aside)
        self._broken.unlink(missing_ok=True)


def _is_corrupt(error: Exception) -> bool:
    """Whether RocksDB says that what is in the files is wrong; it says of each error first of what kind it is."""
    return str(error).startswith("Corruption")
