"""Triggers of the kind `milestone`: the n-th order, a birthday, the anniversary of the first order."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from streamproc.customer.local_time import zone_of
from streamproc.decide.limits import TimeOfDay, of_day
from streamproc.decide.moment import CORRECTED, Moment, Values
from streamproc.decide.triggers.base import Candidate, TriggerRule
from streamproc.events.calendar import moment_on_the_wall, on_the_wall
from streamproc.events.times import DAY_MS

FIRST_ORDER = "first_order"
_EPOCH = date(1970, 1, 1).toordinal()
_LEAP_YEAR = 2000
_FEBRUARY = 2


class MilestoneTrigger(TriggerRule):
    """Fires at the order that is the customer's `orders`-th, or each year on the day of `date`.

    `date` is a trait that says a day (`1984-02-29`, or without the year `02-29`), or `first_order`. It fires `at` a
    time of day by the customer's own clock, `days_before` that day. Who was born on 29 February has a birthday on the
    28th in other years.
    """

    kind: Literal["milestone"]
    orders: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    date: str | None = None
    at: TimeOfDay = "09:00"
    days_before: Annotated[int, Field(ge=0, le=180)] = 0

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.orders is None) == (self.date is None):
            raise ValueError("name either orders or date")
        return self

    @property
    def wakes_on(self) -> frozenset[str]:
        """What can be the order, or say the day."""
        return frozenset(("order_placed", CORRECTED) if self.date == FIRST_ORDER else self._of_others)

    @property
    def _of_others(self) -> tuple[str, ...]:
        return ("order_placed",) if self.orders is not None else ("identified", CORRECTED)

    def consider(self, moment: Moment) -> Candidate | None:
        """Fire at the order; or on the day, and look for the next one."""
        if self.orders is not None:
            before = moment.before.orders if moment.before else 0
            is_it = before < self.orders <= moment.customer.orders and self.fits(moment)
            return self.candidate(moment, f"order:{self.orders}") if is_it else None
        fires = moment.is_due(self.timer)
        year, due_ms = self._next(moment)
        moment.set_timer(self.timer, due_ms)
        if not fires or not self.fits(moment):
            return None
        began, _ = self._day(moment)
        this = year - 1
        values: Values = {} if began is None else {"years": float(this - began)}
        return self.candidate(moment, f"{self.date}:{this}", values)

    @property
    def begins_by_itself(self) -> bool:
        """The day of a customer is known already."""
        return self.date is not None

    def begin(self, moment: Moment) -> None:
        """Wait for the day."""
        if self.date is not None:
            moment.set_timer(self.timer, self._next(moment)[1])

    def _day(self, moment: Moment) -> tuple[int | None, tuple[int, int] | None]:
        """The year, if it is known, and the month and day."""
        zone = zone_of(moment.customer, moment.customer.zone)
        if self.date == FIRST_ORDER:
            first_ms = moment.customer.first_order_ms
            if first_ms is None:
                return None, None
            known = date.fromordinal(on_the_wall(first_ms, zone) // DAY_MS + _EPOCH)
            return known.year, (known.month, known.day)
        return day_said(moment.customer.traits.get(self.date or ""))

    def _next(self, moment: Moment) -> tuple[int, int | None]:
        """The year and the moment (epoch ms) of the next time that is still to come; None: there is none."""
        zone, (began, day) = zone_of(moment.customer, moment.customer.zone), self._day(moment)
        year = date.fromordinal(on_the_wall(moment.now_ms, zone) // DAY_MS + _EPOCH).year
        if day is None:
            return year, None
        for each in range(max(year, (began or year) + (self.date == FIRST_ORDER)), year + 3):
            local = (_in_year(each, day).toordinal() - _EPOCH - self.days_before) * DAY_MS + of_day(self.at)
            due_ms = moment_on_the_wall(local, zone)
            if due_ms > moment.now_ms:
                return each, due_ms
        return year, None


def day_said(said: object) -> tuple[int | None, tuple[int, int] | None]:
    """The year, if it is said, and the month and day.

    >>> day_said("1984-02-29"), day_said("02-29"), day_said("--02-29"), day_said("soon")
    ((1984, (2, 29)), (None, (2, 29)), (None, (2, 29)), (None, None))
    """
    if not isinstance(said, str):
        return None, None
    text = said.strip()[:10].removeprefix("--")
    has_year = len(text) == len("1984-02-29")
    try:
        known = date.fromisoformat(text if has_year else f"{_LEAP_YEAR}-{text}")
    except ValueError:
        return None, None
    return known.year if has_year else None, (known.month, known.day)


def _in_year(year: int, day: tuple[int, int]) -> date:
    try:
        return date(year, *day)
    except ValueError:
        return date(year, _FEBRUARY, 28)
