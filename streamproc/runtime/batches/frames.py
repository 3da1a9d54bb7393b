"""Kafka's record batches from outside: where each begins and ends, and what its header says.

Layout: https://kafka.apache.org/documentation/#recordbatch; of the old formats (magic 0 and 1) a message stands in a
batch's place.
"""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

_BEFORE_LENGTH, _BEFORE_CONTENT, _MAGIC = 8, 12, 16
_HEADER = Struct(">qiibIhiqqqhii")
_LENGTH, _OFFSET = Struct(">i"), Struct(">q")
LEAST_LENGTH = 14
"""Of a message of format 0, without key and value, behind its length."""

CODEC_BITS = 0x07


class BatchHeader(NamedTuple):
    """The header of a batch (format 2)."""

    base_offset: int
    length: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    first_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    records: int

    @property
    def last_offset(self) -> int:
        """Of its last record, also if compaction removed that."""
        return self.base_offset + self.last_offset_delta

    @property
    def agrees_with_itself(self) -> bool:
        """Whether it has as many records as offsets, as each batch has before compaction takes some away."""
        return self.base_offset >= 0 and 0 < self.records == self.last_offset_delta + 1

    def timestamp(self, delta: int) -> int:
        """The time of a record, or of all of them where the broker sets it (bit 3)."""
        return self.max_timestamp if self.attributes & 0x08 else self.first_timestamp + delta


HEADER_BYTES = _HEADER.size
_EXTENT = Struct(">q15xi30xi")
_ATTRIBUTES_LOW = 22
LEAST_BYTES = _BEFORE_CONTENT + LEAST_LENGTH


def frames(message_set: bytes) -> Iterator[memoryview]:
    """Its batches, each with its header; what is cut off at the end is left out.

    A batch that cannot be as short as it says, is handed out with all that follows: nobody knows where the next begins.
    """
    view, begin, size = memoryview(message_set), 0, len(message_set)
    while begin + _BEFORE_CONTENT <= size:
        length: int = _LENGTH.unpack_from(message_set, begin + _BEFORE_LENGTH)[0]
        end = begin + _BEFORE_CONTENT + length
        if length < LEAST_LENGTH:
            yield view[begin:]
            return
        if end > size:
            return
        yield view[begin:end]
        begin = end


def offset_of(frame: memoryview) -> int:
    """Of format 2 the first offset of a batch, of the old formats the last one."""
    offset: int = _OFFSET.unpack_from(frame)[0]
    return offset


def magic_of(frame: memoryview) -> int:
    """Its format."""
    return frame[_MAGIC]


def extent_of(frame: memoryview) -> tuple[int, int, bool]:
    """First and last offset of a batch, and `agrees_with_itself`: read from each batch, so without the whole header."""
    base, delta, records = _EXTENT.unpack_from(frame)
    return base, base + delta, base >= 0 and 0 < records == delta + 1


def with_plain(frame: memoryview, content: memoryview) -> bytes:
    """The batch as if its records had not been compressed."""
    attributes = bytes((frame[_ATTRIBUTES_LOW] & ~CODEC_BITS,))
    return b"".join((frame[:_ATTRIBUTES_LOW], attributes, frame[_ATTRIBUTES_LOW + 1 : HEADER_BYTES], content))


def header_of(frame: memoryview) -> BatchHeader:
    """The header of a batch of format 2; the frame must be long enough."""
    return BatchHeader(*_HEADER.unpack_from(frame))
