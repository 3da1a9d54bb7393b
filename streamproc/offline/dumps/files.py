"""Dumps: the records of Kafka topics as a file that people can read, cut and send again.

A dump is JSON lines, gzipped if its name ends in `.gz`. One line is one record::

    {"topic": "shop.purchase.v1", "key": "17850", "timestamp": 1291191960000, "value": {"type": "order_placed", …}}

`timestamp` is when it was received, in epoch ms (Kafka's time of the record, or what its sender said), and `topic` the
name without the cluster's prefix. A record comes back byte for byte: `value` is an object if the message is compact
JSON, else a string with exactly the message's text, else null if it has no value; bytes that are no UTF-8 are in
`value_base64` (and `key_base64`) instead. What `streamproc dump` wrote says besides where the record stood: `topic_id`,
`partition`, `offset`; and its `headers`, if it has any.

A file whose name ends in `.parquet` holds the same in columns.
"""

import gzip
import heapq
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

import orjson

from streamproc.offline.dumps.gzipped import CUT_OFF, open_to_read

Headers = tuple[tuple[str, bytes], ...]

PROGRESS_EVERY = 1_000
"""After how many records a progress callback is called."""

_PLACE = ("topic_id", "partition", "offset")

OnProgress = Callable[[int], None]
"""Is told how many records (or rows) are done so far, now and then and at the end."""


@dataclass(frozen=True, slots=True)
class DumpedRecord:
    """One Kafka record; `timestamp` in epoch ms, `topic` without the cluster's prefix.

    `partition`, `offset` and `topic_id` (hex) say where it stood; None for what was never in Kafka.
    """

    topic: str
    key: bytes | None
    timestamp: int
    value: bytes | None
    partition: int | None = None
    offset: int | None = None
    headers: Headers = ()
    topic_id: str | None = None


PARQUET = ".parquet"


class DumpError(ValueError):
    """A dump cannot be read: says the file, the line and what to do."""


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
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._on_progress = on_progress
        self._files = ExitStack()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        raw = self._files.enter_context(self._partial.open("wb"))
        self._files.callback(_flush_to_disk, raw)
        self._file = raw
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
        self, kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._file = None
        try:
            self._files.close()
            if kind is None:
                self._partial.replace(self._path)
                self._on_progress(self.written)
        finally:
            self._partial.unlink(missing_ok=True)


def _flush_to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


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


def encode_line(record: DumpedRecord) -> bytes:
    """A record as its line."""
    line: dict[str, Any] = {"topic": record.topic}
    line |= {name: place for name in _PLACE if (place := getattr(record, name)) is not None}
    line |= text_or_base64("key", record.key)
    line["timestamp"] = record.timestamp
    if record.headers:
        line["headers"] = plain_headers(record.headers)
    line |= content_of(record.value)
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def plain_headers(headers: Iterable[tuple[str, bytes]]) -> list[dict[str, str | None]]:
    """Headers as a list of names with their values."""
    return [{"name": name, **text_or_base64("value", value)} for name, value in headers]


def headers_of(fields: dict[str, Any]) -> Headers:
    """The headers of a line; none if it names none."""
    return tuple((head["name"], content(head, "value") or b"") for head in fields.get("headers", ()))


def content_of(value: bytes | None) -> dict[str, Any]:
    """A message's content under the name that says how it is written."""
    if value is not None and _is_compact_object(value):
        return {"value": orjson.Fragment(value)}
    return text_or_base64("value", value)


def _is_compact_object(value: bytes) -> bool:
    """Whether reading the value as JSON and writing it again gives the same bytes."""
    try:
        return value.startswith(b"{") and orjson.dumps(orjson.loads(value)) == value
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return False


def text_or_base64(name: str, content: bytes | None) -> dict[str, str | None]:
    """Bytes as text under this name, or in base64 under a name that says so."""
    if content is None:
        return {name: None}
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(content).decode()}


def decode_line(line: bytes) -> DumpedRecord:
    """The record of a line.

    Raises:
        ValueError: it is none.
    """
    try:
        return _decoded(line)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as `streamproc dump` writes it: {error!r}") from error


def _decoded(line: bytes) -> DumpedRecord:
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error}); a line must be one whole object") from error
    if not isinstance(fields, dict):
        raise ValueError('not an object; write {"topic": …, "key": …, "timestamp": …, "value": …}')  # noqa: TRY004
    match fields:
        case {"topic": str(topic), "timestamp": int(timestamp)} if _is_whole(timestamp):
            key, value = content(fields, "key"), content(fields, "value")
            if "offset" not in fields:
                return DumpedRecord(topic, key, timestamp, value)
            return DumpedRecord(topic, key, timestamp, value, *_place(fields))
    raise ValueError("`topic` must be a string and `timestamp` a whole number of milliseconds since 1970")


def _is_whole(number: int) -> bool:
    """Whether Kafka could have it: 0 to 2^63 - 1, and JSON's true is no 1."""
    return not isinstance(number, bool) and 0 <= number < 1 << 63


def _place(fields: dict[str, Any]) -> tuple[int, int, Headers, str]:
    match fields:
        case {"partition": int(partition), "offset": int(offset), "topic_id": str(topic_id)} if _is_whole(
            partition
        ) and _is_whole(offset):
            return partition, offset, headers_of(fields), topic_id
    raise ValueError("`partition` and `offset` must be whole numbers and `topic_id` a string, or all three be left out")


def content(fields: dict[str, Any], name: str) -> bytes | None:
    """The bytes that stand under a name.

    Raises:
        ValueError: nothing does, or not as it is written here.
    """
    encoded = fields.get(f"{name}_base64")
    if isinstance(encoded, str) and name not in fields:
        return b64decode(encoded, validate=True)
    if encoded is not None or name not in fields:
        raise ValueError(f"needs either `{name}` or `{name}_base64` (a string)")
    match fields[name]:
        case None:
            return None
        case str(text):
            return text.encode()
        case dict(tree) if name == "value":
            return orjson.dumps(tree)
    allowed = "an object, a string or null" if name == "value" else "a string or null"
    raise ValueError(f"`{name}` must be {allowed}; put anything else into `{name}_base64`")
