"""The records of one fetched message set: aiokafka's own way as long as it works, and ours where it does not.

Against a batch that stops a reader for ever: aiokafka raises at what it cannot parse, loses what it had read before,
and unpacks whatever is there. Here each offset comes once and in order, as a record or as `Unreadable`; and how much is
unpacked is bounded per batch and per call. Well-formed batches are parsed by aiokafka's compiled code as before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch

from streamproc.processor.api import Record
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.batches.care import Care
from streamproc.runtime.batches.frames import (
    HEADER_BYTES,
    LEAST_BYTES,
    extent_of,
    frames,
    header_of,
    magic_of,
    offset_of,
    with_plain,
)
from streamproc.runtime.batches.legacy import unpack_message
from streamproc.runtime.batches.salvage import longest_record, salvage
from streamproc.runtime.batches.unpacking import UnpackError

NO_TIME = -1
"""What Kafka has for a record without a time; aiokafka makes None of it."""

LONG_BYTES = 1 << 20
"""A record that is longer when unpacked is not given to aiokafka, which takes any number of headers."""


class _FetchAgain(Exception):  # noqa: N818  no error, a way out
    """The rest is to be fetched again."""


class _BrokenError(ValueError):
    """The batch as it came cannot be trusted, its offsets neither."""


class _Opened(NamedTuple):
    """A batch that can be read: by aiokafka (`records`), and by ourselves if that fails (`content`, format 2 only)."""

    records: Iterable[Any] | None
    first_offset: int
    last_offset: int
    is_dense: bool
    content: memoryview | None


class CarefulRecords(PartitionRecords):  # type: ignore[misc]  # aiokafka is untyped here
    """Takes the place of aiokafka's `PartitionRecords`; `theirs` was made for the same message set."""

    next_fetch_offset: int

    def __init__(self, theirs: Any, message_set: bytes, care: Care) -> None:
        place, aborted, begin = theirs._tp, theirs._aborted_transactions, theirs.next_fetch_offset  # noqa: SLF001
        self._place: TopicPartition = place
        self._begin: int = begin
        self._care = care
        super().__init__(place, frames(message_set), aborted, begin, None, None, True, READ_COMMITTED)  # noqa: FBT003

    def _unpack_records(self) -> Iterator[Record | Unreadable]:
        """What stands at `next_fetch_offset` and behind, in order; where it ends early, the rest is fetched again."""
        try:
            for frame in self._records:
                yield from self._read(frame)
        except _FetchAgain:
            return
        if self.next_fetch_offset == self._begin:
            yield from self._give_up(self._begin, self._begin, None, "nothing of what Kafka sent reaches this far")

    def _read(self, frame: memoryview) -> Iterator[Record | Unreadable]:
        """One batch."""
        try:
            batch = self._open(frame)
        except UnpackError as error:
            first, last = self._offsets_of(frame)
            yield from self._give_up(first, last, frame, str(error))
        except (_BrokenError, CorruptRecordException) as error:
            yield from self._give_up_broken(frame, str(error))
        else:
            if batch is None:
                return
            try:
                yield from self._parsed(batch)
            except _FetchAgain:
                raise
            except Exception as error:  # noqa: BLE001  whatever aiokafka could not read, nothing may stop here
                yield from self._salvaged(frame, batch, error)
            self._reached(batch.last_offset)

    # Opening a batch

    def _open(self, frame: memoryview) -> _Opened | None:
        """Check and unpack a batch; None if there is nothing in it that is for readers.

        Raises:
            UnpackError: it cannot be unpacked.
            _BrokenError: it is not what was sent.
        """
        if len(frame) < LEAST_BYTES:
            raise _BrokenError("a batch without a possible length")
        if magic_of(frame) in {0, 1}:
            return self._open_message(frame)
        if magic_of(frame) != 2 or len(frame) < HEADER_BYTES:  # noqa: PLR2004  the format
            raise _BrokenError(f"not a batch of a known format ({magic_of(frame)})")
        batch = DefaultRecordBatch(frame)
        if not batch.validate_crc():
            raise _BrokenError("the checksum is wrong")
        if self._is_for_nobody(batch):
            self._reached(batch.next_offset - 1)
            return None
        if batch.compression_type:
            return self._unpack(frame, batch.compression_type)
        return _Opened(batch, *extent_of(frame), frame[HEADER_BYTES:])

    def _is_for_nobody(self, batch: Any) -> bool:
        """A transaction's end, or a part of one that was aborted."""
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch:
            self._aborted_producers.discard(batch.producer_id)
            return True
        return batch.is_transactional and batch.producer_id in self._aborted_producers

    def _unpack(self, frame: memoryview, codec: int) -> _Opened:
        if self._care.is_spent:
            raise _FetchAgain
        plain = with_plain(frame, self._care.unpack(codec, bytes(frame[HEADER_BYTES:])))
        content = memoryview(plain)[HEADER_BYTES:]
        is_long = len(content) > LONG_BYTES and longest_record(content) > LONG_BYTES
        batch = None if is_long else DefaultRecordBatch(plain)
        return _Opened(batch, *extent_of(frame), content)

    def _open_message(self, frame: memoryview) -> _Opened:
        """A message of an old format; one that is compressed holds others."""
        magic = magic_of(frame)
        batch = LegacyRecordBatch(frame, magic)
        if not batch.validate_crc():
            raise _BrokenError("the checksum is wrong")
        if self._care.is_spent:
            raise _FetchAgain
        unpack_message(frame, magic, self._care)
        return _Opened(batch, self._begin, offset_of(frame), is_dense=False, content=None)

    # Reading what was opened

    def _parsed(self, batch: _Opened) -> Iterator[Record]:
        """The records as aiokafka reads them; it raises at the first one that it cannot."""
        if batch.records is None:
            raise CorruptRecordException("a long record")
        expected, last, is_dense, headers = batch.first_offset, batch.last_offset, batch.is_dense, 0
        for record in batch.records:
            offset = record.offset
            if offset != expected and (is_dense or not expected < offset <= last):
                raise CorruptRecordException("an offset out of order")
            expected = offset + 1
            if offset < self.next_fetch_offset:
                continue  # The fetch began in the middle of the batch.
            self.next_fetch_offset = expected
            made = self._consumer_record(self._place, record)
            yield made if made.timestamp is not None else replace(made, timestamp=NO_TIME)
            if made.headers:
                headers += len(made.headers)
                if headers > self._care.max_headers:
                    raise _FetchAgain

    def _salvaged(self, frame: memoryview, batch: _Opened, error: Exception) -> Iterator[Record | Unreadable]:
        if batch.content is None:
            yield from self._give_up(self.next_fetch_offset, batch.last_offset, frame, str(error))
            return
        for found in salvage(header_of(frame), batch.content, self._place):
            if found.offset >= self.next_fetch_offset:
                self.next_fetch_offset = found.offset + 1
                yield found

    # What cannot be read

    def _offsets_of(self, frame: memoryview) -> tuple[int, int]:
        """The first and last offset of a batch that can be trusted."""
        last = offset_of(frame)
        return (header_of(frame).base_offset, header_of(frame).last_offset) if magic_of(frame) > 1 else (last, last)

    def _give_up_broken(self, frame: memoryview, reason: str) -> Iterator[Unreadable]:
        """If its header does not agree with itself, one offset is given up, and Kafka is asked for the next one."""
        if self._care.doubts(self._place, self.next_fetch_offset):
            raise _FetchAgain
        if len(frame) >= HEADER_BYTES and (header := header_of(frame)).agrees_with_itself:
            yield from self._give_up(header.base_offset, header.last_offset, frame, reason)
        else:
            yield from self._give_up(self.next_fetch_offset, self.next_fetch_offset, frame, reason)
            raise _FetchAgain

    def _give_up(self, first: int, last: int, frame: memoryview | None, reason: str) -> Iterator[Unreadable]:
        first = max(first, self.next_fetch_offset)
        if last < first:
            return
        self._reached(last)
        value = None if frame is None else bytes(frame)
        yield Unreadable(self._place.topic, self._place.partition, first, last, NO_TIME, None, value, (), reason)

    def _reached(self, offset: int) -> None:
        self.next_fetch_offset = max(self.next_fetch_offset, offset + 1)
