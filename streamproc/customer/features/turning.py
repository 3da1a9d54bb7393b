"""When a feature passes a limit by time alone: with no event, because a window has moved on or a recency has grown.

Each feature of this package says by a decorator what time does to it. One that says nothing is looked at as each day of
the shop begins. Moments are epoch milliseconds, and exact: they are found with the feature's own function.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import ceil, floor

from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Buckets
from streamproc.events.calendar import moment_of
from streamproc.events.times import DAY_MS, HOUR_MS

Value = Callable[[CustomerView], float]
Cut = tuple[float, bool]
"""A limit, and whether a value must be above it to have passed (else it has when it is equal)."""

Cuts = Sequence[Cut]
"""All limits of a feature, ascending: as long as it passes no other ones, no comparison says anything else."""

Turn = Callable[[Value, CustomerView, Cuts], int | None]
"""The first moment after the view's at which a feature has passed more or fewer of its limits, without any event."""

Scale = Callable[[int], float]
"""What a feature makes of the sum over its window."""

TURNS: dict[str, Turn] = {}
"""What time does to a feature, by the feature's name."""

FAR_MS = 100 * 366 * DAY_MS
"""What takes a century never happens."""


def passed(cuts: Cuts, value: float) -> int:
    """How many limits a value has passed."""
    return bisect_right(cuts, (value, False))


def turns(turn: Turn) -> Callable[[Value], Value]:
    """Say what time does to a feature."""

    def said(function: Value) -> Value:
        TURNS[function.__name__] = turn
        return function

    return said


def never(_value: Value, _view: CustomerView, _cuts: Cuts) -> None:
    """Only events change it."""


def daily(value: Value, view: CustomerView, cuts: Cuts) -> int | None:
    """Nobody has said: it is looked at when the next day begins."""
    del value, cuts
    zone = view.customer.zone
    return moment_of(view.wall_ms // DAY_MS + 1, zone)


def by_days(days: int, *metrics: int, scale: Scale = float) -> Turn:
    """It is a function (`scale`) of the sum over a window of so many days; of several sums: of the buckets' edges."""

    def turn(value: Value, view: CustomerView, cuts: Cuts) -> int | None:
        buckets, zone, today = view.customer.days, view.customer.zone, view.wall_ms // DAY_MS
        if len(metrics) == 1:
            day = window_turn(buckets, metrics[0], today, days, lambda total: bisect_right(cuts, (scale(total), False)))
            return None if day is None else moment_of(day, zone)
        edges = {edge for metric in metrics for edge, _ in window_edges(buckets, metric, today, days)}
        before = passed(cuts, value(view))
        moments = (moment_of(day, zone) for day in sorted(edges))
        return next((at_ms for at_ms in moments if passed(cuts, value(view.at(at_ms))) != before), None)

    return turn


def by_hours(hours: int, metric: int) -> Turn:
    """It is the sum over a window of so many hours."""

    def turn(value: Value, view: CustomerView, cuts: Cuts) -> int | None:
        del value
        present = view.now_ms // HOUR_MS
        hour = window_turn(
            view.customer.hours, metric, present, hours, lambda total: bisect_right(cuts, (float(total), False))
        )
        return None if hour is None else hour * HOUR_MS

    return turn


def rising(moment: Callable[[CustomerView, float], float | None]) -> Turn:
    """It only grows; `moment` says about when it is at a limit, None: nobody knows, or never."""

    def turn(value: Value, view: CustomerView, cuts: Cuts) -> int | None:
        before = passed(cuts, value(view))
        if before == len(cuts):
            return None
        limit, is_above = cuts[before]
        about = moment(view, limit)

        def has_turned(at_ms: int) -> bool:
            return bisect_right(cuts, (value(view.at(at_ms)), False)) != before

        if about is None or not view.now_ms < about < view.now_ms + FAR_MS:
            return _first(has_turned, view.now_ms, view.now_ms + FAR_MS)
        near = floor(about) + 1 if is_above else ceil(about)
        if has_turned(near):
            return (
                near if near - 1 <= view.now_ms or not has_turned(near - 1) else _first(has_turned, view.now_ms, near)
            )
        return _first(has_turned, near, view.now_ms + FAR_MS)

    return turn


def window_turn(buckets: Buckets, metric: int, present: int, length: int, place: Callable[[int], int]) -> int | None:
    """The first bucket at whose beginning the sum over the last so many is in another place than now."""
    first = present - length + 1
    counts = buckets.counts_from(first, metric)
    if not counts:
        return None
    total = sum([count for number, count in counts if number <= present])
    before = place(total)
    for edge, change in _edges(counts, present, length):
        total += change
        if place(total) != before:
            return edge
    return None


def window_edges(buckets: Buckets, metric: int, present: int, length: int) -> Sequence[tuple[int, int]]:
    """The buckets at whose beginning the sum over the last so many changes, and by how much."""
    return _edges(buckets.counts_from(present - length + 1, metric), present, length)


def _edges(counts: Sequence[tuple[int, int]], present: int, length: int) -> Sequence[tuple[int, int]]:
    leaving = [(number + length, -count) for number, count in counts]
    if not counts or counts[-1][0] <= present:
        return leaving
    changes: dict[int, int] = dict(leaving)  # something is known of after the moment: it comes before it leaves
    for number, count in counts:
        if number > present:
            changes[number] = changes.get(number, 0) + count
    return sorted(changes.items())


def _first(has_turned: Callable[[int], bool], low: int, high: int) -> int | None:
    """The first moment after `low` at which it has, None: not at `high` either; it stays so afterwards."""
    if not has_turned(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if has_turned(middle) else (middle, high)
    return high
