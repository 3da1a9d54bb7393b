"""The registry, compiled: which series a fact adds to, and which KPIs are made of which series.

A series is what a counted KPI adds up, whether it is published or only a part of a ratio. It has the KPI's name, and
one sub-series for each combination of its dimensions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import cast

from streamproc.events.calendar import UTC_ZONE
from streamproc.events.facts import FactValue
from streamproc.measure.definitions import definitions_of, series_of
from streamproc.measure.kinds import CountedKpi, KpiBlock, WindowKind
from streamproc.measure.registry import KpiRegistry

REMEMBERED_MATCHES = 4096


@dataclass(frozen=True, slots=True)
class Addition:
    """What a fact adds to: 1, or the number in `field`, to the series (or to its sub-series by dimensions)."""

    series: str
    field: str | None
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """All additions of a fact, to the window of its day and to everything so far."""

    day: tuple[Addition, ...]
    total: tuple[Addition, ...]


Match = Callable[[tuple[FactValue, ...]], Matched]


@dataclass(frozen=True, slots=True)
class FactPlan:
    """How one kind of fact counts.

    Attributes:
        fields: the values that conditions look at.
        match: these values, in this order, to what is added; remembered, since few combinations ever occur.
    """

    fields: tuple[str, ...]
    match: Match

    def only(self, series: AbstractSet[str]) -> "FactPlan":
        """Counting these series alone."""

        def match(values: tuple[FactValue, ...]) -> Matched:
            whole = self.match(values)
            return Matched(_among(whole.day, series), _among(whole.total, series))

        return FactPlan(self.fields, _remembered(match))


@dataclass(frozen=True, slots=True)
class Measure:
    """A published KPI: its block, and its parts (`denominator` None if it is counted itself)."""

    block: KpiBlock
    numerator: str
    denominator: str | None
    by: tuple[str, ...]


@dataclass(frozen=True)
class KpiPlan:
    """What `config/kpis.toml` says, ready to be applied.

    Attributes:
        facts: how each kind of fact counts.
        measures: what is published.
        definitions: KPI to the digest of its definition.
        series: KPI to the series that are counted for it.
        zone: the time zone whose days are the windows.
    """

    facts: Mapping[str, FactPlan]
    measures: tuple[Measure, ...]
    definitions: Mapping[str, str]
    series: Mapping[str, frozenset[str]]
    zone: str = UTC_ZONE

    @classmethod
    def of(cls, registry: KpiRegistry, zone: str = UTC_ZONE) -> "KpiPlan":
        """Compile a registry; what is counted by the days of another time zone is defined otherwise."""
        rules: dict[str, list[_Rule]] = defaultdict(list)
        counted = {block.name: block for block in registry.kpi if isinstance(block, CountedKpi)}
        for block in counted.values():
            for rule in _rules_of(block):
                for fact in block.facts:
                    rules[fact].append(rule)
        return cls(
            MappingProxyType({fact: _fact_plan(tuple(its)) for fact, its in rules.items()}),
            tuple(_measure(block, counted) for block in registry.kpi if block.publish),
            MappingProxyType(_in_zone(definitions_of(registry.kpi), zone)),
            MappingProxyType(series_of(registry.kpi)),
            zone,
        )

    def only(self, series: AbstractSet[str]) -> "KpiPlan":
        """Counting these series alone."""
        return replace(self, facts={fact: its.only(series) for fact, its in self.facts.items()})


@dataclass(frozen=True, slots=True)
class _Rule:
    window: WindowKind
    conditions: Mapping[str, frozenset[FactValue]]
    addition: Addition

    def fits(self, values: Mapping[str, FactValue]) -> bool:
        return all(values[name] in choices for name, choices in self.conditions.items())


def _in_zone(definitions: Mapping[str, str], zone: str) -> dict[str, str]:
    return {kpi: digest if zone == UTC_ZONE else f"{digest} {zone}" for kpi, digest in definitions.items()}


def _rules_of(block: CountedKpi) -> Iterator[_Rule]:
    addition = Addition(block.name, block.added, block.dimensions)
    return (_Rule(window, block.conditions(window), addition) for window in block.windows)


def _fact_plan(rules: tuple[_Rule, ...]) -> FactPlan:
    fields = tuple(sorted({name for rule in rules for name in rule.conditions}))
    return FactPlan(fields, _remembered(partial(_match, rules, fields)))


def _remembered(match: Match) -> Match:
    return cast("Match", lru_cache(REMEMBERED_MATCHES)(match))


def _among(additions: tuple[Addition, ...], series: AbstractSet[str]) -> tuple[Addition, ...]:
    return tuple(addition for addition in additions if addition.series in series)


def _match(rules: tuple[_Rule, ...], fields: tuple[str, ...], values: tuple[FactValue, ...]) -> Matched:
    named = dict(zip(fields, values, strict=True))
    fitting = [rule for rule in rules if rule.fits(named)]
    return Matched(
        tuple(rule.addition for rule in fitting if rule.window == "day"),
        tuple(rule.addition for rule in fitting if rule.window == "total"),
    )


def _measure(block: KpiBlock, counted: Mapping[str, CountedKpi]) -> Measure:
    numerator, denominator = block.parts or (block.name, None)
    return Measure(block, numerator, denominator, counted[numerator].dimensions)
