"""Tags and segments that are new or changed: every customer of a partition is looked at by them, beside the traffic.

Against a segment that fills only as its members happen to do something: a partition remembers by which tags and
segments its customers were looked at. If the plan has others, it goes through them in the order of their keys, some
with each mark of event time, and remembers where it is, so that whoever takes the partition over goes on there.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from streamproc.decide.clock.event_time import Grouped
from streamproc.decide.states import is_customer
from streamproc.events.subject import Kind

AT_ONCE = 200
"""So many customers are looked at with one mark, which takes 60 to 180 ms; marks come about once a second."""

_GUESTS = Kind.GUEST_ORDER.prefix.encode()


class Filling:
    """The customers of a partition who wait to be looked at."""

    def __init__(self, version: str, before: Grouped) -> None:
        self._grouped = before if before.version == version else Grouped(version, "")
        self._waiting: list[bytes] = []

    def note(self, key: bytes, raw: bytes) -> None:
        """Somebody who is known as the partition is taken over; whoever comes later is looked at when they come."""
        after = self._grouped.after
        if after is not None and key > after.encode() and is_customer(key, raw) and not key.startswith(_GUESTS):
            heappush(self._waiting, key)

    @property
    def grouped(self) -> Grouped:
        """How far it is."""
        return self._grouped if self._waiting else Grouped(self._grouped.version)

    def __len__(self) -> int:
        return len(self._waiting)

    def some(self) -> Iterator[bytes]:
        """The keys to look at with one mark; each counts as looked at when the next is asked for."""
        for _ in range(min(AT_ONCE, len(self._waiting))):
            key = heappop(self._waiting)
            self._grouped = Grouped(self._grouped.version, key.decode())
            yield key
