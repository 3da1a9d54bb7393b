"""The days of a time zone: which day a moment is in, and when a day begins.

A moment is epoch milliseconds. What counts by days and hours of the day takes the clock on the wall for it, as if that
were UTC; then a day is 24 hours, and the one hour that clocks repeat or leave out in a year counts to its day.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from streamproc.events.times import DAY_MS, rfc3339

UTC_ZONE = "UTC"
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def known_zone(name: str) -> str:
    """A time zone's name, as the IANA data base has it.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone {name!r}; write for example UTC or Europe/Berlin") from error


Zone = Annotated[str, AfterValidator(known_zone)]


def on_the_wall(at_ms: int, zone: str) -> int:
    """What the clock on the wall says at a moment, as milliseconds since 1970 began there.

    >>> on_the_wall(0, "Asia/Tokyo") // 3_600_000
    9
    """
    if zone == UTC_ZONE:
        return at_ms
    offset = (_FIRST + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone)).utcoffset()
    return at_ms + (offset or timedelta()) // _MILLISECOND


def day_of(at_ms: int, zone: str) -> int:
    """The day of a moment, its number since 1970."""
    return on_the_wall(at_ms, zone) // DAY_MS


def moment_of(day: int, zone: str) -> int:
    """The first moment of a day (its number since 1970), epoch ms.

    >>> day_of(moment_of(19_905, "Asia/Tokyo"), "Asia/Tokyo")
    19905
    """
    if zone == UTC_ZONE:
        return day * DAY_MS
    return round(datetime.combine(date.fromordinal(day + _EPOCH), time(), ZoneInfo(zone)).timestamp() * 1000)


def moment_on_the_wall(wall_ms: int, zone: str) -> int:
    """The first moment at which the clock on the wall says that (`on_the_wall`), epoch ms.

    >>> moment_on_the_wall(on_the_wall(0, "Asia/Tokyo"), "Asia/Tokyo")
    0
    """
    if zone == UTC_ZONE:
        return wall_ms
    wall = (_FIRST + timedelta(milliseconds=wall_ms)).replace(tzinfo=ZoneInfo(zone))
    return round(wall.timestamp() * 1000)


def beginning(day: int, zone: str) -> str:
    """The first moment of a day (its number since 1970), in RFC 3339.

    >>> beginning(0, "UTC"), beginning(19_905, "Europe/Berlin")
    ('1970-01-01T00:00:00Z', '2024-07-01T00:00:00+02:00')
    """
    if zone == UTC_ZONE:
        return rfc3339(day * DAY_MS)
    return datetime.combine(date.fromordinal(day + _EPOCH), time(), ZoneInfo(zone)).isoformat()
