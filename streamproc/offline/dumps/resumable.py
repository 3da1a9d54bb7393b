"""A dump that takes long, and may be broken off: what was written is kept, and the next try goes on behind it.

Beside the unfinished file stands a note: what is dumped, how many bytes are complete, and where to go on. Each time the
note is written, everything before it is on the disk; what was written after it is cut off and read again.
"""

import gzip
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from streamproc.offline.dumps.files import PARQUET
from streamproc.offline.dumps.lines import decode_line, encode_line
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from streamproc.whole_file import put_in_place, write_whole

NOTE_EVERY = 20_000
"""After how many records the note is written anew."""


@dataclass(frozen=True, slots=True)
class Note:
    """How far a dump is.

    Attributes:
        task: what is dumped, as the caller says it; another task does not go on with this file.
        places: where to go on, as the caller says it.
        records, size: what is complete in the file: records and bytes.
    """

    task: dict[str, Any]
    places: list[dict[str, Any]]
    records: int = 0
    size: int = 0


@dataclass(slots=True)
class _Paths:
    out: Path
    unfinished: Path = field(init=False)
    note: Path = field(init=False)

    def __post_init__(self) -> None:
        self.unfinished = self.out.with_name(f".{self.out.name}.unfinished")
        self.note = self.out.with_name(f".{self.out.name}.note.json")


class ResumableDump:
    """Writes a dump record by record; use it in a `with` block. The file gets its name when `complete` is called.

    Args:
        out: the file; JSON lines, gzipped if the name ends in `.gz`, or Parquet if in `.parquet`.
        task: what is dumped.
        places: gives, at any moment, where to go on.

    Raises:
        DumpError: another dump with this name was begun.
    """

    def __init__(self, out: Path, task: dict[str, Any], places: Callable[[], list[dict[str, Any]]]) -> None:
        self.records = 0
        self._paths = _Paths(out)
        self._task = task
        self._places = places
        self._file: IO[bytes] | None = None
        self._lines: list[bytes] = []

    def __enter__(self) -> Self:
        self._paths.out.parent.mkdir(parents=True, exist_ok=True)
        begun = begun_dump(self._paths.out, self._task)
        self.records = begun.records if begun else 0
        self._file = self._paths.unfinished.open("ab")
        self._file.truncate(begun.size if begun else 0)
        return self

    def write(self, record: DumpedRecord) -> None:
        """Append one record."""
        self._lines.append(encode_line(record))
        self.records += 1
        if len(self._lines) >= NOTE_EVERY:
            self._write_down()

    def complete(self) -> None:
        """Nothing follows: the file gets its name."""
        self._write_down()
        if self._paths.out.suffix == PARQUET:
            from streamproc.offline.dumps.parquet import write_parquet  # noqa: PLC0415  pyarrow is an extra

            write_parquet(self._paths.out, self._spooled())
            self._paths.unfinished.unlink()
        else:
            put_in_place(self._paths.unfinished, self._paths.out)
        self._paths.note.unlink()

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _write_down(self) -> None:
        """What is in memory to the disk, then the note."""
        if self._file is None:
            raise RuntimeError("the dump is not open; use it in a `with` block")
        lines = b"".join(self._lines)
        self._file.write(lines if self._paths.out.suffix != ".gz" else gzip.compress(lines, 5, mtime=0))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._lines = []
        note = Note(self._task, self._places(), self.records, self._file.tell())
        write_whole(self._paths.note, orjson.dumps(note))

    def _spooled(self) -> Iterator[DumpedRecord]:
        with self._paths.unfinished.open("rb") as file:
            yield from map(decode_line, file)


def begun_dump(out: Path, task: dict[str, Any]) -> Note | None:
    """How far a dump of that name is that was broken off; None if there is none.

    Raises:
        DumpError: it is a dump of something else.
    """
    paths = _Paths(out)
    try:
        note = Note(**orjson.loads(paths.note.read_bytes()))
    except FileNotFoundError:
        return None
    except (TypeError, orjson.JSONDecodeError) as error:
        raise DumpError(f"{paths.note}: cannot be read ({error}); remove it to begin anew") from error
    if note.task != task:
        raise DumpError(f"{out}: a dump of something else was begun; finish that one, or remove {paths.note}")
    return note
