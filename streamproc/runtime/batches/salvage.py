"""What can still be read of a batch in which aiokafka could not read everything: record by record.

Against the loss of good records beside a broken one. It is slow, and reads only what was refused before. A record's
length stands before it, so what is broken inside of one leaves the next ones whole.
Layout: https://kafka.apache.org/documentation/#record
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from streamproc.processor.api import Headers, Record
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.batches.frames import BatchHeader

MAX_RECORD_HEADERS = 10_000
"""An empty header takes two bytes on the way and a hundred in memory: a record may not grow to gigabytes by them."""

_VARINT_BYTES = 10
_64_BITS = (1 << 64) - 1


class _BrokenError(ValueError):
    """The bytes are no record; the message says why in a few words."""


class _Bytes:
    """Reads what a record is made of, and never beyond its end."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self.at = 0

    def number(self) -> int:
        """A zigzag varint of up to 64 bits."""
        value = 0
        for place, byte in enumerate(self._content[self.at : self.at + _VARINT_BYTES]):
            value |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:  # noqa: PLR2004  the highest bit says that more follow
                self.at += place + 1
                value &= _64_BITS
                return (value >> 1) ^ -(value & 1)
        raise _BrokenError("a number does not end")

    def piece(self) -> memoryview:
        """As many bytes as the number before them says."""
        length = self.number()
        begin, self.at = self.at, self.at + length
        if length < 0 or self.at > len(self._content):
            raise _BrokenError("a length is not possible")
        return self._content[begin : self.at]

    def nullable(self) -> bytes | None:
        """The same, but -1 is null."""
        before = self.at
        if self.number() == -1:
            return None
        self.at = before
        return bytes(self.piece())

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._content) - self.at


def salvage(batch: BatchHeader, content: memoryview, place: TopicPartition) -> Iterator[Record | Unreadable]:
    """All offsets of a batch, each once and in order, as the record there or as what cannot be read.

    More records than the batch has offsets are left out: nobody could name them.
    """
    source, expected, count = _Bytes(content), batch.base_offset, 0
    while source.left and expected <= batch.last_offset:
        begin = source.at
        try:
            frame = source.piece()
        except _BrokenError as error:
            rest = bytes(content[begin:])
            yield _lost(batch, place, (expected, batch.last_offset), rest, str(error))
            return
        found = _read(batch, frame, place, expected)
        yield found
        expected, count = found.offset + 1, count + 1
    if count < batch.records and expected <= batch.last_offset:
        reason = f"{batch.records} records are announced, {count} are there"
        yield _lost(batch, place, (expected, batch.last_offset), None, reason)


def longest_record(content: memoryview) -> int:
    """The bytes of the longest of a batch's records, as far as their lengths can be read."""
    source, longest = _Bytes(content), 0
    with suppress(_BrokenError):
        while source.left:
            longest = max(longest, len(source.piece()))
    return longest


@dataclass(slots=True)
class _Draft:
    """What is known of a record so far."""

    offset: int
    timestamp: int
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()
    is_whole: bool = False


def _read(batch: BatchHeader, frame: memoryview, place: TopicPartition, expected: int) -> Record | Unreadable:
    draft = _Draft(expected, batch.max_timestamp)
    try:
        _fill(draft, _Bytes(frame), batch)
    except _BrokenError as error:
        key, value = (draft.key, draft.value) if draft.is_whole else (None, bytes(frame))
        return Unreadable(
            place.topic, place.partition, draft.offset, draft.offset, draft.timestamp,
            key, value, draft.headers, str(error),
        )  # fmt: skip
    return _record(draft, batch, place)


def _fill(draft: _Draft, source: _Bytes, batch: BatchHeader) -> None:
    """Read a record's parts in their order, as far as they can be read."""
    source.number()  # attributes, of which there are none yet
    timestamp = batch.timestamp(source.number())
    offset = batch.base_offset + source.number()
    if offset != draft.offset and (batch.agrees_with_itself or not draft.offset < offset <= batch.last_offset):
        raise _BrokenError("its offset is out of order")
    draft.offset, draft.timestamp = offset, timestamp
    draft.key, draft.value = source.nullable(), source.nullable()
    count = source.number()
    if not 0 <= count <= MAX_RECORD_HEADERS:
        raise _BrokenError(f"{count} headers")
    headers = [(bytes(source.piece()), source.nullable()) for _ in range(count)]
    if source.left:
        raise _BrokenError(f"{source.left} bytes behind its headers")
    draft.is_whole = True
    draft.headers = tuple((name.decode(errors="backslashreplace"), value) for name, value in headers)  # type: ignore[misc]  # null values stay null
    for name, _ in headers:
        _check_name(name)


def _check_name(name: bytes) -> None:
    try:
        name.decode()
    except UnicodeDecodeError:
        raise _BrokenError("the name of a header is no UTF-8") from None


def _record(draft: _Draft, batch: BatchHeader, place: TopicPartition) -> Record:
    sizes = (len(part) if part is not None else -1 for part in (draft.key, draft.value))
    kind = int(bool(batch.attributes & 0x08))
    record: Record = ConsumerRecord(
        place.topic, place.partition, draft.offset, draft.timestamp, kind, draft.key, draft.value,
        None, *sizes, draft.headers,
    )  # fmt: skip
    return record


def _lost(
    batch: BatchHeader, place: TopicPartition, offsets: tuple[int, int], content: bytes | None, reason: str
) -> Unreadable:
    return Unreadable(place.topic, place.partition, *offsets, batch.max_timestamp, None, content, (), reason)
