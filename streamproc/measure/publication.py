"""What has been said about a window, and what is to be said anew."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from streamproc.events.calendar import beginning
from streamproc.events.kpis import Kpi
from streamproc.events.times import rfc3339
from streamproc.measure.kinds import WindowKind
from streamproc.measure.plan import KpiPlan, Measure
from streamproc.measure.series import split
from streamproc.measure.sums import Sums
from streamproc.measure.windows import Window
from streamproc.value import value

Parts = tuple[int, int | None]
"""A KPI's numerator and denominator."""


class Said(NamedTuple):
    """The last that was said of a KPI: its revision and its parts."""

    revision: int
    numerator: int
    denominator: int | None


@value
class Publication:
    """What was said about a window.

    Attributes:
        changed: whether parts changed since then.
        first_day: the day of its first fact (its number since 1970).
        through_ms: the event time reached when it was said.
        said: KPI (with its dimensions) to the last that was said of it.
    """

    changed: bool = False
    first_day: int = 0
    through_ms: int = 0
    said: Mapping[str, Said] = field(default_factory=dict)

    def touched(self) -> "Publication":
        """Its parts have changed."""
        return Publication(True, self.first_day, self.through_ms, self.said)  # noqa: FBT003


class Span(NamedTuple):
    """From when to when the KPIs of a publication are, and whether more can come."""

    kind: WindowKind
    start: str
    end: str
    status: Literal["open", "closed"]


@dataclass(frozen=True)
class Publisher:
    """Turns sums into KPIs, as the plan says."""

    plan: KpiPlan
    plan_version: str

    def revise(self, window: Window, held: Publication, sums: Sums, through_ms: int) -> Publication:
        """The publication with today's sums: what is new has revision 0, what differs the next one.

        What was said and is counted no more, since it was counted anew by another definition, is nothing now.
        """
        said = dict(held.said)
        measured = dict(self._measured(window, sums.series))
        vanished = self._vanished(window, held.said.keys() - measured.keys(), sums.series)
        for name, parts in {**vanished, **measured}.items():
            last = said.get(name)
            if last is None:
                said[name] = Said(0, *parts)
            elif (last.numerator, last.denominator) != parts:
                said[name] = Said(last.revision + 1, *parts)
        return Publication(changed=False, first_day=sums.first_day, through_ms=through_ms, said=said)

    def kpis(self, window: Window, publication: Publication, names: Iterable[str]) -> Iterator[Kpi]:
        """What a publication says of these KPIs; those that the plan no longer has are passed over."""
        span = self._span(window, publication)
        for name in names:
            kpi, dimensions = split(name)
            measure = self._measures.get(kpi)
            if measure is not None:
                yield self._kpi(span, measure, publication.said[name], dimensions)

    @cached_property
    def _measures(self) -> Mapping[str, Measure]:
        return {measure.block.name: measure for measure in self.plan.measures}

    @cached_property
    def _measures_in(self) -> Mapping[WindowKind, Sequence[Measure]]:
        kinds = get_args(WindowKind)
        return {kind: [each for each in self.plan.measures if kind in each.block.windows] for kind in kinds}

    def _measured(self, window: Window, series: Mapping[str, int]) -> Iterator[tuple[str, Parts]]:
        sums: dict[str, dict[str, int]] = defaultdict(dict)
        for name, amount in series.items():
            plain, brace, rest = name.partition("{")
            sums[plain][brace + rest] = amount
        for measure in self._measures_in[window.kind]:
            above, below = sums[measure.numerator], sums[measure.denominator or measure.numerator]
            name, is_counted = measure.block.name, measure.denominator is None
            for dimensions in _dimensions(measure, above, below):
                yield name + dimensions, (above.get(dimensions, 0), None if is_counted else below.get(dimensions, 0))

    def _vanished(self, window: Window, names: Iterable[str], series: Mapping[str, int]) -> dict[str, Parts]:
        """What was said of KPIs whose sums are gone; those that the plan no longer has are passed over."""
        vanished: dict[str, Parts] = {}
        for name in names:
            kpi, brace, dimensions = name.partition("{")
            measure = self._measures.get(kpi)
            if measure is not None and window.kind in measure.block.windows:
                parts = (measure.numerator, measure.denominator or measure.numerator)
                if not any(part + brace + dimensions in series for part in parts):
                    vanished[name] = (0, 0 if measure.denominator else None)
        return vanished

    def _span(self, window: Window, publication: Publication) -> Span:
        zone = self.plan.zone
        if window.day is None:
            return Span("total", beginning(publication.first_day, zone), rfc3339(publication.through_ms), "open")
        return Span("day", beginning(window.day, zone), beginning(window.day + 1, zone), "closed")

    def _kpi(self, span: Span, measure: Measure, said: Said, dimensions: dict[str, str]) -> Kpi:
        block = measure.block
        return Kpi(
            kpi=block.name,
            window=span.kind,
            start=span.start,
            end=span.end,
            status=span.status,
            revision=said.revision,
            value=value_of(block.unit, said.numerator, said.denominator),
            numerator=said.numerator,
            denominator=said.denominator,
            unit=block.unit,
            layer=block.layer or "",
            baseline=block.baseline,
            target=block.target,
            direction=block.direction or "",
            owner=block.owner or "",
            plan_version=self.plan_version,
            dimensions=dimensions,
        )


def news(before: Publication, after: Publication) -> list[str]:
    """Which KPIs a publication says anew, in the order of the plan."""
    return [name for name, said in after.said.items() if before.said.get(name) != said]


def value_of(unit: str, numerator: int, denominator: int | None) -> float | int | None:
    """A KPI's value; money is rounded to the micro, half up.

    >>> value_of("ratio", 1, 4), value_of("micros", 5, 2), value_of("ratio", 1, 0), value_of("count", 7, None)
    (0.25, 3, None, 7)
    """
    if denominator is None:
        return numerator
    if denominator == 0:
        return None
    return (2 * numerator + denominator) // (2 * denominator) if unit == "micros" else numerator / denominator


def _dimensions(measure: Measure, above: Mapping[str, int], below: Mapping[str, int]) -> list[str]:
    """The combinations that occurred; those of an earlier definition of the KPI, with other names, are passed over."""
    if not measure.by:
        return [""]
    return [text for text in sorted(above.keys() | below.keys()) if tuple(split(text)[1]) == measure.by]
