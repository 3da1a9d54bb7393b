"""What a customer opened and clicked, by hours of the day and by channel: when and where they answer.

Each message counts once as opened and once as clicked, by persons only. The hours are UTC and become the customer's
when somebody looks (`contact.py`), so that a time zone that is learned late, or changes, holds for all that is known.
They are counted for four weeks at a time: what is counted is the same in whatever order events come, and can be taken
back; it fades when it is read.
"""

from typing import NamedTuple

from streamproc.customer.windows import Buckets
from streamproc.events.times import HOUR_MS, WEEK_MS

HOURS = 24
PERIOD_WEEKS = 4
KEEP_PERIODS = 13
_PERIOD_MS = PERIOD_WEEKS * WEEK_MS


class Hour(NamedTuple):
    """An hour of the day (UTC) of four weeks (their number since 1970): what was opened and clicked, by channel."""

    period: int
    hour: int
    counts: tuple[int, ...]


def period_of(at_ms: int) -> int:
    """The number of the four weeks that a moment lies in."""
    return at_ms // _PERIOD_MS


def beginning_of(period: int) -> int:
    """The first moment of four weeks, epoch ms."""
    return period * _PERIOD_MS


def counted(responses: Buckets, at_ms: int, channel: int, times: int) -> Buckets:
    """With so many responses more (or less) at a moment by a channel; a year is kept, back from the newest."""
    number = period_of(at_ms) * HOURS + at_ms // HOUR_MS % HOURS
    return responses.counted(number, ((channel, times),), KEEP_PERIODS * HOURS)


def joined(one: Buckets, other: Buckets) -> Buckets:
    """The sum of both."""
    return one.joined(other, KEEP_PERIODS * HOURS)


def hours_of(responses: Buckets) -> list[Hour]:
    """What is known, in the order of time; what was taken back too often counts as nothing."""
    return [
        Hour(*divmod(number, HOURS), tuple([max(0, count) for count in row[1:]]))
        for number, row in zip(responses.numbers, responses.rows, strict=True)
    ]
