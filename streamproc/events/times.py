"""Epoch milliseconds (UTC) inside, aware datetimes and RFC 3339 at the border."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS

LAST_MS = 221_845_392_000_000
"""The year 9000 (epoch ms). Somebody may set any time; whatever is added to one before it is still a date."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_FIRST, _LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"
_MILLISECOND = timedelta(milliseconds=1)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, exact (no float on the way).

    >>> epoch_ms(datetime(1970, 1, 2, tzinfo=UTC))
    86400000
    """
    return (moment - _EPOCH) // _MILLISECOND


def from_epoch_ms(value: int) -> datetime:
    """The aware datetime of an epoch millisecond."""
    return _EPOCH + timedelta(milliseconds=value)


def rfc3339(value: int) -> str:
    """An epoch millisecond as people and other systems write it; beyond the years 1 to 9999 the first or the last.

    >>> rfc3339(86400123)
    '1970-01-02T00:00:00.123Z'
    """
    day, since = divmod(value, DAY_MS)
    second, milliseconds = divmod(since, SECOND_MS)
    try:
        text = _date(day) + _clock(second)
    except (OverflowError, ValueError):
        return _LAST if value > 0 else _FIRST
    return f"{text}.{milliseconds:03}Z" if milliseconds else text + "Z"


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    """The days of neighbouring events are few."""
    return f"{date.fromordinal(day + _EPOCH_DAY)}T"


@lru_cache(maxsize=4096)
def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def parse_rfc3339(text: str) -> int:
    """The epoch millisecond of an RFC 3339 time with a zone.

    Raises:
        ValueError: not a time, or no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write for example {text}Z")
    return epoch_ms(moment)
