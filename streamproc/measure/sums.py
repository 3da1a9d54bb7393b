"""What facts add up to in each window: the part of measure that runs for every single fact."""

from collections.abc import Iterable, Mapping
from typing import TypedDict

from streamproc.events.calendar import day_of
from streamproc.events.facts import FactValue
from streamproc.measure.plan import Addition, KpiPlan
from streamproc.measure.series import sub_series
from streamproc.measure.windows import TOTAL, Window
from streamproc.value import value


class PlainPosition(TypedDict):
    """A `Position` as it was read."""

    topic_id: str
    partition: int
    offset: int
    number: int


class FactMessage(TypedDict):
    """A `Fact` as it was read: our own, so it is not validated again."""

    fact: str
    at_ms: int
    values: dict[str, FactValue]
    position: PlainPosition
    taken_back: bool


@value
class Sums:
    """Series name to its sum, and the day of the first fact (its number since 1970) that is in it."""

    first_day: int
    series: Mapping[str, int]

    def plus(self, other: "Sums") -> "Sums":
        """Both together; in any order the same."""
        series = dict(self.series)
        for name, amount in other.series.items():
            series[name] = series.get(name, 0) + amount
        return Sums(min(self.first_day, other.first_day), series)


def add_up(plan: KpiPlan, facts: Iterable[FactMessage]) -> dict[Window, Sums]:
    """What the facts add to each window that they touch; facts that no KPI counts touch none.

    Raises:
        ValueError: a fact lacks the number that is to be added.
    """
    days: dict[int, dict[str, int]] = {}
    total: dict[str, int] = {}
    days_in_total: set[int] = set()
    plans = plan.facts
    for fact in facts:
        counting = plans.get(fact["fact"])
        if counting is None:
            continue
        values = fact["values"]
        day = day_of(fact["at_ms"], plan.zone)
        times = -1 if fact["taken_back"] else 1
        matched = counting.match(tuple(map(values.get, counting.fields)))
        if matched.day:
            _add(days.setdefault(day, {}), matched.day, values, times)
        if matched.total:
            _add(total, matched.total, values, times)
            days_in_total.add(day)
    windows = {Window(day): Sums(day, series) for day, series in days.items()}
    return windows | {TOTAL: Sums(min(days_in_total), total)} if days_in_total else windows


def _add(sums: dict[str, int], additions: tuple[Addition, ...], values: Mapping[str, FactValue], times: int) -> None:
    for addition in additions:
        name, field = addition.series, addition.field
        if addition.by:
            name = sub_series(name, addition.by, values)
        amount = 1 if field is None else values.get(field)
        if not isinstance(amount, int):
            raise ValueError(f"the KPI {name} adds up {field}, which is {amount!r} in a fact: not a whole number")  # noqa: TRY004
        sums[name] = sums.get(name, 0) + times * amount
