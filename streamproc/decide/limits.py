"""Limits of the policy that are about time: caps of messages, quiet hours, and the window in which triggers compete."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from streamproc.config_file import RuleName, Table
from streamproc.customer.sendings import MAX_SENDINGS
from streamproc.events.calendar import moment_on_the_wall, on_the_wall
from streamproc.events.email import Channel
from streamproc.events.times import DAY_MS, HOUR_MS, MINUTE_MS

MAX_CAPS = 10
MAX_CAP_HOURS = 31 * 24
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()
_MONDAY = 3
"""The day 0 of 1970 was a Thursday."""


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is no time of day; write for example 21:00")
    return text


TimeOfDay = Annotated[str, AfterValidator(_clock)]
"""Hours and minutes, `21:00`."""


class Cap(Table):
    """At most `limit` messages in `hours`, or in each `per`, on one channel or all, of marketing or of every purpose.

    `hours` is a rolling window; `per` is a day, a week (from Monday) or a month by the customer's own calendar. A limit
    of 0 means never. What is transactional is never kept back by one; it counts for `all`.
    """

    name: RuleName
    limit: Annotated[int, Field(ge=0, le=MAX_SENDINGS)]
    hours: Annotated[float | None, Field(gt=0, le=MAX_CAP_HOURS)] = None
    per: Literal["day", "week", "month"] | None = None
    channel: Channel | None = None
    purpose: Literal["marketing", "all"] = "marketing"

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if (self.hours is None) == (self.per is None):
            raise ValueError("say the window by one of `hours` and `per`")
        return self

    def window(self, now_ms: int, zone: str) -> tuple[int, int]:
        """From when until when messages count that would make one too many (epoch ms): both ends are outside.

        Something that is told late is decided as of its own time. So a rolling window looks ahead, too.
        """
        if self.hours is not None:
            length = round(self.hours * HOUR_MS)
            return now_ms - length, now_ms + length
        first, last = _period(on_the_wall(now_ms, zone) // DAY_MS, self.per or "day")
        return moment_on_the_wall(first * DAY_MS, zone) - 1, moment_on_the_wall(last * DAY_MS, zone)

    def frees_at(self, times: list[int], now_ms: int, zone: str) -> int | None:
        """When there is room for one more, if nothing else is sent; `times` are those that count. None: never."""
        if self.limit == 0:
            return None
        if self.hours is None:
            return self.window(now_ms, zone)[1]
        return sorted(times)[len(times) - self.limit] + round(self.hours * HOUR_MS)


def _period(day: int, per: str) -> tuple[int, int]:
    """The first day of the period that a day is in, and the first one after it; days since 1970."""
    if per == "day":
        return day, day + 1
    if per == "week":
        first = day - (day + _MONDAY) % 7
        return first, first + 7
    month = date.fromordinal(day + _EPOCH).replace(day=1)
    after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return month.toordinal() - _EPOCH, after.toordinal() - _EPOCH


class QuietHours(Table):
    """When nobody is disturbed, by the customer's own clock: from `begin` until `end`, over midnight if it is less."""

    begin: TimeOfDay
    end: TimeOfDay
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = ("email", "sms", "push", "web")

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.begin == self.end:
            raise ValueError("quiet hours end at another time than they begin")
        return self

    def ends_at(self, now_ms: int, zone: str) -> int | None:
        """When the quiet hours end that a moment is in (epoch ms); None: it is in none."""
        clock = on_the_wall(now_ms, zone) % DAY_MS
        begin, end = of_day(self.begin), of_day(self.end)
        if begin < end:
            if not begin <= clock < end:
                return None
        elif end <= clock < begin:
            return None
        return next_time(self.end, now_ms, zone)


def next_time(clock: TimeOfDay, now_ms: int, zone: str) -> int:
    """The first moment after one (epoch ms) at which clocks in a zone show a time of day."""
    wall, shown = on_the_wall(now_ms, zone), of_day(clock)
    day = wall // DAY_MS + (wall % DAY_MS >= shown)
    return _after(now_ms, day * DAY_MS + shown, zone)


def of_day(text: str) -> int:
    """How long after midnight a time of day is, in milliseconds.

    >>> of_day("00:01")
    60000
    """
    hours, minutes = text.split(":")
    return int(hours) * HOUR_MS + int(minutes) * MINUTE_MS


def _after(now_ms: int, wall_ms: int, zone: str) -> int:
    """The moment when the clock says that; if the clock is put back, the one that is still to come."""
    moment = moment_on_the_wall(wall_ms, zone)
    return moment if moment > now_ms else moment + HOUR_MS


class Arbitration(Table):
    """Triggers that want to be sent within `window_minutes` of each other compete: one of them is.

    The others wait `defer_hours` and compete again if their rule says `loses = "defer"`. A window of 0 is none.
    """

    window_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = 0
    defer_hours: Annotated[float, Field(gt=0, le=MAX_CAP_HOURS)] = 24

    @property
    def window_ms(self) -> int:
        """The window in milliseconds."""
        return round(self.window_minutes * MINUTE_MS)

    @property
    def defer_ms(self) -> int:
        """How long losers wait, in milliseconds."""
        return round(self.defer_hours * HOUR_MS)
