"""How far decide has come in a partition of the log, more finely than by the offset that is committed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

import orjson

from streamproc.events.log import Origin
from streamproc.events.position import Position
from streamproc.events.versions import NewerVersionError
from streamproc.processor.api import Record
from streamproc.value import value

EventPlace = tuple[str, int, int]
"""A raw topic's id, an offset in one of its partitions, and the number of an event in the message that stands there."""


@value
class Reached:
    """What decide has taken in, and what it has said about the last record.

    collect writes the events of a raw partition into a log partition in their order, also after a change of owners.
    So what is not behind the last one is in the log a second time: somebody has collect read again.

    Attributes:
        raw: for each raw topic and partition the last event of a message that was applied.
        offset: the last record of the log that caused facts or examples.
        said: how many it has caused until now; a mark may be left on the way and gone on with.
    """

    raw: Mapping[str, Mapping[int, EventPlace]] = field(default_factory=dict)
    offset: int = -1
    said: int = 0

    def has(self, source: Origin) -> bool:
        """Whether the event, or one behind it in its raw partition, was taken already."""
        topic_id, offset, index = self.raw.get(source.topic, {}).get(source.partition, ("", -1, 0))
        return topic_id == source.topic_id and (source.offset, source.index) <= (offset, index)

    def after(self, source: Origin) -> "Reached":
        """With an event taken; a raw topic that was made anew has another id, and begins anew."""
        place = (source.topic_id, source.offset, source.index)
        known = {**self.raw.get(source.topic, {}), source.partition: place}
        return Reached({**self.raw, source.topic: known}, self.offset, self.said)

    def saying(self, offset: int, count: int) -> "Reached":
        """With so many facts and examples more that a record of the log has caused."""
        return Reached(self.raw, offset, self.said_of(offset) + count)

    def said_of(self, offset: int) -> int:
        """How many facts and examples a record of the log has caused until now."""
        return self.said if offset == self.offset else 0


class Reaching:
    """How far it has come, as it goes on; each time `remember` is told.

    Attributes:
        reached: how far it is now.
    """

    def __init__(self, remember: Callable[[Reached], None]) -> None:
        self.reached = Reached()
        self._remember = remember

    def takes(self, source: Origin) -> bool:
        """Whether a message is new, and is taken; one that collect has written a second time is not."""
        is_new = not self.reached.has(source)
        if is_new:
            self._reach(self.reached.after(source))
        return is_new

    def positions(self, topic_id: str, record: Record, count: int) -> Iterator[Position]:
        """The next places among all that a record of the log causes."""
        first = self.reached.said_of(record.offset)
        if count:
            self._reach(self.reached.saying(record.offset, count))
        return (Position(topic_id, record.partition, record.offset, number) for number in range(first, first + count))

    def _reach(self, now: Reached) -> None:
        self.reached = now
        self._remember(now)


VERSION = 0xC1
"""Apart from those of customers (from 1 on) and of the partition's event time (from 0x81 on)."""


def encode_reached(reached: Reached) -> bytes:
    """The canonical bytes: a version byte, then JSON."""
    plain = {"raw": reached.raw, "offset": reached.offset, "said": reached.said}
    return bytes([VERSION]) + orjson.dumps(plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)


def decode_reached(raw: bytes) -> Reached:
    """What its bytes say.

    Raises:
        NewerVersionError: a newer release wrote it.
    """
    if raw[0] != VERSION:
        raise NewerVersionError("what decide has reached", raw[0], VERSION)
    plain = orjson.loads(memoryview(raw)[1:])
    return Reached(
        {
            topic: {int(number): (topic_id, offset, index) for number, (topic_id, offset, index) in known.items()}
            for topic, known in plain["raw"].items()
        },
        plain["offset"],
        plain["said"],
    )
