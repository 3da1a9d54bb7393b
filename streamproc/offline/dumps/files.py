"""Dumps as files: read, merged in the order of time, written; gzipped or in Parquet as their name says."""

import gzip
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from streamproc.offline.dumps.gzipped import CUT_OFF, open_to_read
from streamproc.offline.dumps.lines import decode_line, encode_line
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from streamproc.whole_file import written_aside

PROGRESS_EVERY = 1_000
"""After how many records a progress callback is called."""

OnProgress = Callable[[int], None]
"""Is told how many records (or rows) are done so far, now and then and at the end."""


PARQUET = ".parquet"


def ignore_progress(_done: int) -> None:
    """For callers that show nobody how far they are."""


def read_dump(path: Path) -> Iterator[DumpedRecord]:
    """The records of a dump in the order of the file, one in memory at a time.

    Raises:
        DumpError: a line is no record, or the file is cut off.
        OSError: the file cannot be opened.
    """
    if path.suffix == PARQUET:
        from streamproc.offline.dumps.parquet import read_parquet  # noqa: PLC0415  pyarrow is an extra, and slow to import

        yield from read_parquet(path)
        return
    number = 0
    with open_to_read(path) as file:
        try:
            for number, line in enumerate(file, start=1):  # noqa: B007  for the messages
                yield decode_line(line)
        except CUT_OFF as error:
            raise DumpError(f"{path}: after line {number}: {error}; the file is cut off: write it anew") from error
        except ValueError as error:
            raise DumpError(f"{path}:{number}: {error}") from error


def merge_dumps(paths: Sequence[Path], back_ms: int = 0) -> Iterator[DumpedRecord]:
    """The records of several dumps in time order; at equal times the order of `paths`, then that of the file.

    With `back_ms`, a record may be older than those before it by so much, as in topics that several producers write:
    it keeps its place in its file.

    Raises:
        DumpError: a dump is not in time order itself, or cannot be read.
    """
    streams = [_in_time_order(path, back_ms) for path in paths]
    return (record for _, record in heapq.merge(*streams, key=itemgetter(0)))


def write_dump(path: Path, records: Iterable[DumpedRecord], on_progress: OnProgress = ignore_progress) -> int:
    """Write all records; the file appears under its name when it is complete. Returns their number."""
    with DumpWriter(path, on_progress) as dump:
        for record in records:
            dump.write(record)
    return dump.written


class DumpWriter:
    """Writes a dump record by record: `with DumpWriter(path) as dump: dump.write(record)`.

    The file gets its name at the end of the `with` block; after an error nothing is left, and a file that had the
    name before stays. The same records make the same bytes.
    """

    def __init__(self, path: Path, on_progress: OnProgress = ignore_progress) -> None:
        self.written = 0
        self._path = path
        self._on_progress = on_progress
        self._files = ExitStack()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._files.enter_context(written_aside(self._path))
        self._file = raw = self._files.enter_context(aside.open("wb"))
        if self._path.suffix == ".gz":
            zipped = gzip.GzipFile(filename="", mode="wb", compresslevel=5, fileobj=raw, mtime=0)
            self._file = cast("IO[bytes]", self._files.enter_context(zipped))
        return self

    def write(self, record: DumpedRecord) -> None:
        """Append one record."""
        if self._file is None:
            raise RuntimeError("the dump is not open; use `with DumpWriter(path) as dump`")
        self._file.write(encode_line(record))
        self.written += 1
        if self.written % PROGRESS_EVERY == 0:
            self._on_progress(self.written)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file = None
        self._files.__exit__(kind, error, traceback)
        if kind is None:
            self._on_progress(self.written)


def _in_time_order(path: Path, back_ms: int) -> Iterator[tuple[int, DumpedRecord]]:
    """Each record with the time that the file has reached."""
    reached = -1
    for number, record in enumerate(read_dump(path), start=1):
        if record.timestamp < reached - back_ms:
            raise DumpError(
                f"{path}:{number}: timestamp {record.timestamp} is before {reached}, which was there already; "
                "sort the dump by timestamp first, for example: jq -sc 'sort_by(.timestamp)[]'"
            )
        reached = max(reached, record.timestamp)
        yield reached, record
