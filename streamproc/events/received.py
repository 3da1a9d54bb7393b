"""When a raw message was received: Kafka's time of its record, or the time of then that a sender of history says.

Against events that are there twice: Kafka goes by record times also where it remembers its producers. One whose last
batch is "older" than a day is forgotten when a broker comes back, so that the retry of a batch is not recognised. So
whoever sends the past (`streamproc send`) gives its records the time of sending, and says in a header when the message
was received.
"""

from collections.abc import Iterable

from streamproc.events.times import LAST_MS

RECEIVED_AT = "streamproc-received-at"
"""The header's name; its value is epoch milliseconds as decimal digits."""

_MOST_DIGITS = 15


def received_header(at_ms: int) -> tuple[str, bytes]:
    """The header of a message that was received at a time before its record was written."""
    return RECEIVED_AT, b"%d" % at_ms


def received_ms(record_ms: int, headers: Iterable[tuple[str, bytes | None]]) -> int:
    """When a message was received (epoch ms): what the header says, else the record's own time.

    A header that says nothing understandable, or a time after the record's own, does not count.

    >>> received_ms(1_795_000_000_000, [received_header(1_291_191_960_000)])
    1291191960000
    """
    for name, value in headers:
        if name == RECEIVED_AT and value is not None and len(value) <= _MOST_DIGITS and value.isdigit():
            return min(int(value), record_ms)
    return record_ms


def in_milliseconds(record_ms: int, earliest_ms: int) -> int | None:
    """A record's own time, which a producer may have given in seconds, micro- or nanoseconds; None: it is no time.

    >>> [in_milliseconds(each, 946_684_800_000) for each in (1_795_000_000_123, 1_795_000_000, 1_795_000_000_123_456)]
    [1795000000123, 1795000000000, 1795000000123]
    """
    if earliest_ms <= record_ms <= LAST_MS:
        return record_ms
    read = (record_ms * 1_000, record_ms // 1_000, record_ms // 1_000_000)
    return next((each for each in read if earliest_ms <= each <= LAST_MS), None)
