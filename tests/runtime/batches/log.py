"""A log of batches, read as a consumer reads it from a broker: again from where the last reading ended."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.batches.care import Care
from streamproc.runtime.batches.records import CarefulRecords

PLACE = TopicPartition("clicks", 3)
BOUND = 1 << 20


class Stored(NamedTuple):
    """A batch as the broker has it, and the last offset that it has by the broker's books."""

    content: bytes
    last_offset: int


class Log:
    """What a broker would send, and what is read of it."""

    def __init__(self, batches: Sequence[Stored], care: Care | None = None) -> None:
        self.batches = batches
        self.care = care or Care(BOUND)
        self.calls = 0

    def read(self, begin: int = 0, aborted: Sequence[tuple[int, int]] = ()) -> list[Any]:
        """Everything from an offset on, in as many calls as it takes (each at least gets on by one offset)."""
        end, position, found = self.batches[-1].last_offset + 1, begin, []
        for _ in range(2 * (end - begin) + 2):
            if position >= end:
                break
            self.care.begin()
            self.calls += 1
            reading = self.reading(position, aborted)
            found += list(reading)
            position = reading.next_fetch_offset
        assert position == end
        return found

    def reading(self, position: int, aborted: Sequence[tuple[int, int]] = ()) -> CarefulRecords:
        message_set = b"".join(each.content for each in self.batches if each.last_offset >= position)
        theirs = SimpleNamespace(_tp=PLACE, _aborted_transactions=list(aborted), next_fetch_offset=position)
        return CarefulRecords(theirs, message_set, self.care)


def broken(found: Sequence[Any]) -> list[Unreadable]:
    return [each for each in found if isinstance(each, Unreadable)]


def offsets(found: Sequence[Any]) -> list[int]:
    """Each offset that a record or something unreadable stands for, as it came."""
    return list(_offsets(found))


def _offsets(found: Sequence[Any]) -> Iterator[int]:
    for each in found:
        yield from range(getattr(each, "first_offset", each.offset), each.offset + 1)
