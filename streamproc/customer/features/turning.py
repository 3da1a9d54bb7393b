"""When a feature passes a limit by time alone: with no event, because a window has moved on or a recency has grown.

Each feature of this package says by a decorator what time does to it. One that says nothing is looked at as each day of
the shop begins. Moments are epoch milliseconds, and exact: a limit is taken over once into what the feature counts,
whole numbers, so that no moment needs to be looked for among fractions.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import floor, inf, nextafter
from typing import Any, TypeVar

from streamproc.customer.features.aging import Aging
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.events.calendar import moment_of
from streamproc.events.times import DAY_MS, HOUR_MS

Value = Callable[[CustomerView], float]
F = TypeVar("F", bound=Callable[[CustomerView], Any])

Limits = Sequence[float]
"""All limits of a feature, ascending, each the least value that has reached it: as long as it reaches no other ones, no
comparison says anything else."""

Watch = Callable[[CustomerView, int], int | None]
"""The first moment after the view's at which the feature has reached more or fewer limits than now, without any event.

It is told how many it has reached now.
"""

Turn = Callable[[Value, Limits], Watch]
"""What time does to a feature, put together for its limits."""

Scale = Callable[[int], float]
"""What a feature makes of what it counts; it never falls."""

TURNS: dict[str, Turn] = {}
"""What time does to a feature, by the feature's name."""

FAR_MS = 100 * 366 * DAY_MS
"""What takes a century never happens."""

MOST = 2**63
"""No count and no sum comes to this."""


def reached(limit: float) -> float:
    """The least value that is not below a limit."""
    value = float(limit)
    return value if value >= limit else nextafter(value, inf)


def exceeded(limit: float) -> float:
    """The least value that is above a limit."""
    value = float(limit)
    return value if value > limit else nextafter(value, inf)


def turns(turn: Turn) -> Callable[[F], F]:
    """Say what time does to a feature."""

    def said(function: F) -> F:
        TURNS[function.__name__] = turn
        return function

    return said


def never(_value: Value, _limits: Limits) -> Watch:
    """Only events change it."""
    return lambda _view, _place: None


def daily(_value: Value, _limits: Limits) -> Watch:
    """Nobody has said: it is looked at when the next day begins."""
    return lambda view, _place: moment_of(view.wall_ms // DAY_MS + 1, view.customer.zone)


def by_days(days: int, metric: int, scale: Scale = float) -> Turn:
    """It is a function (`scale`) of the sum over a window of so many days."""

    def turn(_value: Value, limits: Limits) -> Watch:
        aging = Aging(metric, days, in_counts(limits, scale))

        def watch(view: CustomerView, place: int) -> int | None:
            day = aging.turn(view.days, view.wall_ms // DAY_MS, place)
            return None if day is None else moment_of(day, view.customer.zone)

        return watch

    return turn


def by_days_of(days: int, *metrics: int) -> Turn:
    """It is made of several sums over a window of so many days: it is looked at wherever one of them changes."""
    agings = [Aging(metric, days, ()) for metric in metrics]

    def turn(value: Value, limits: Limits) -> Watch:
        def watch(view: CustomerView, place: int) -> int | None:
            today, zone = view.wall_ms // DAY_MS, view.customer.zone
            edges = {edge for aging in agings for edge, _ in aging.edges(view.days, today)}
            moments = (moment_of(day, zone) for day in sorted(edges))
            return next((at_ms for at_ms in moments if bisect_right(limits, value(view.at(at_ms))) != place), None)

        return watch

    return turn


def by_hours(hours: int, metric: int) -> Turn:
    """It is the sum over a window of so many hours."""

    def turn(_value: Value, limits: Limits) -> Watch:
        aging = Aging(metric, hours, in_counts(limits, float))

        def watch(view: CustomerView, place: int) -> int | None:
            hour = aging.turn(view.hours, view.now_ms // HOUR_MS, place)
            return None if hour is None else hour * HOUR_MS

        return watch

    return turn


def since(first: Callable[[Customer], int | None], scale: Scale) -> Turn:
    """It is a function (`scale`) of the milliseconds since something was, and does not change if that never was."""

    def turn(_value: Value, limits: Limits) -> Watch:
        elapsed = in_counts(limits, scale)

        def watch(view: CustomerView, place: int) -> int | None:
            was_ms = first(view.customer)
            if was_ms is None or place == len(elapsed):
                return None
            due = was_ms + elapsed[place]
            return due if due < view.now_ms + FAR_MS else None

        return watch

    return turn


def falling_by_days(days: int) -> Turn:
    """By time alone it only falls, by days of the shop, until so many days lie behind all that was counted.

    Where something is known of after the moment, it is looked for day by day.
    """

    def turn(value: Value, limits: Limits) -> Watch:
        def watch(view: CustomerView, place: int) -> int | None:
            if not view.days.numbers:
                return None
            today, zone = view.wall_ms // DAY_MS, view.customer.zone

            def has_turned(day: int) -> bool:
                return bisect_right(limits, value(view.at(moment_of(day, zone)))) != place

            last = max(today, view.days.numbers[-1]) + days + 1
            if view.days.can_rise(today):
                day = next((day for day in range(today + 1, last + 1) if has_turned(day)), None)
            else:
                day = first_after(has_turned, today, last)
            return None if day is None else moment_of(day, zone)

        return watch

    return turn


def rising(moment: Callable[[CustomerView, float], float | None]) -> Turn:
    """It only grows; `moment` says about when it is at a limit, None: nobody knows, or never."""

    def turn(value: Value, limits: Limits) -> Watch:
        def watch(view: CustomerView, place: int) -> int | None:
            if place == len(limits):
                return None

            def has_turned(at_ms: int) -> bool:
                return bisect_right(limits, value(view.at(at_ms))) != place

            about = moment(view, limits[place])
            if about is None or not view.now_ms < about < view.now_ms + FAR_MS:
                return first_after(has_turned, view.now_ms, view.now_ms + FAR_MS)
            return _near(has_turned, view.now_ms, about)

        return watch

    return turn


def in_counts(limits: Limits, scale: Scale) -> tuple[int, ...]:
    """The limits in what a feature counts: the least whole numbers that have reached them."""
    return tuple(_least(scale, limit) for limit in limits)


def _least(scale: Scale, limit: float) -> int:
    least = first_after(lambda count: scale(count) >= limit, -1, MOST)
    return MOST if least is None else least


def _near(has_turned: Callable[[int], bool], low: int, about: float) -> int | None:
    """The first moment after `low` at which it has; `about` is rarely wrong by more than a millisecond."""
    before = max(low, floor(about) - 1)
    if before > low and has_turned(before):
        return first_after(has_turned, low, before)
    beside = next((at_ms for at_ms in (before + 1, before + 2) if has_turned(at_ms)), None)
    return first_after(has_turned, before + 2, low + FAR_MS) if beside is None else beside


def first_after(has_turned: Callable[[int], bool], low: int, high: int) -> int | None:
    """The first whole number after `low` for which it is so, None: not for `high` either; it stays so afterwards."""
    if not has_turned(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if has_turned(middle) else (middle, high)
    return high
