"""Events that are thought of in any order and told in time order."""

import heapq
from collections.abc import Iterable, Iterator

from streamproc.events.log import encode_event
from streamproc.events.raw import Event
from streamproc.events.times import epoch_ms
from streamproc.events.topics import raw_topic
from streamproc.offline.dumps.record import DumpedRecord


class Timeline:
    """Holds events back until nothing earlier can come any more, so that memory holds days, not years."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, str, Event]] = []

    def add(self, events: Iterable[Event]) -> None:
        """Take events, in any order."""
        for event in events:
            heapq.heappush(self._waiting, (epoch_ms(event.occurred_at), event.event_id, event))

    def until(self, at_ms: int) -> Iterator[DumpedRecord]:
        """The events before `at_ms`, in the order of (time, event id), as records of their topics."""
        while self._waiting and self._waiting[0][0] < at_ms:
            timestamp, _, event = heapq.heappop(self._waiting)
            subject = event.customer_id or event.anonymous_id or event.event_id
            yield DumpedRecord(raw_topic(type(event)), subject.encode(), timestamp, encode_event(event))
