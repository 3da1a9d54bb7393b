"""What the blocks of `config/kpis.toml` get wrong together, or against what facts say: each mistake with its place."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from streamproc.did_you_mean import there_are
from streamproc.measure.blocks import (
    CountedKpi,
    CountKpi,
    DistinctKpi,
    KpiBlock,
    RatioKpi,
    SumKpi,
    WindowKind,
    dimensions_of,
)
from streamproc.measure.vocabulary import FACTS

NEEDED_TO_PUBLISH = ("layer", "direction", "owner")
_NEEDED: Mapping[type, str] = {bool: "a flag", int: "a number"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, in which block (`index`) and where in it."""

    index: int
    place: tuple[int | str, ...]
    message: str


def find_mistakes(blocks: Mapping[int, KpiBlock], unread: AbstractSet[str] = frozenset()) -> list[Mistake]:
    """All mistakes of the blocks that could be read; `unread` are the names of the others."""
    known = _Known({block.name: block for block in blocks.values()}, unread)
    return [
        Mistake(index, place, message) for index, block in blocks.items() for place, message in known.wrong_with(block)
    ] + list(_doubles(blocks))


_Wrong = Iterator[tuple[tuple[int | str, ...], str]]


def _doubles(blocks: Mapping[int, KpiBlock]) -> Iterator[Mistake]:
    times = Counter(block.name for block in blocks.values())
    for index, block in blocks.items():
        if times[block.name] > 1:
            yield Mistake(index, ("name",), f"{times[block.name]} KPIs are called {block.name}")


@dataclass(frozen=True)
class _Known:
    """What the blocks can be held against: each other."""

    by_name: Mapping[str, KpiBlock]
    unread: AbstractSet[str]

    @cached_property
    def parts(self) -> AbstractSet[str]:
        ratios = [block for block in self.by_name.values() if isinstance(block, RatioKpi)]
        return {name for ratio in ratios for name in (ratio.numerator, ratio.denominator)}

    def wrong_with(self, block: KpiBlock) -> _Wrong:
        yield from self._wrong_publishing(block)
        if isinstance(block, RatioKpi):
            yield from self._wrong_ratio(block)
        else:
            yield from _wrong_counting(block)

    def _wrong_publishing(self, block: KpiBlock) -> _Wrong:
        if block.publish:
            for key in NEEDED_TO_PUBLISH:
                if getattr(block, key) is None:
                    yield (key,), "is needed, or `publish = false`"
        elif isinstance(block, RatioKpi):
            yield ("publish",), "a ratio is no part of another, so nobody would see it"
        elif block.name not in self.parts and not self.unread:
            yield ("publish",), "neither published nor part of a ratio"

    def _wrong_ratio(self, ratio: RatioKpi) -> _Wrong:
        parts: list[CountedKpi] = []
        for key in ("numerator", "denominator"):
            name = getattr(ratio, key)
            part = self.by_name.get(name)
            if isinstance(part, RatioKpi):
                yield (key,), f"{name} is a ratio itself; a ratio divides what is counted"
            elif part is not None:
                parts.append(part)
                for window in sorted(set(ratio.windows) - set(part.windows)):
                    yield (key,), f"{name} has no window {window}"
            elif name not in self.unread:
                yield (key,), f"there is no KPI {name}"
        match parts:
            case [above, below]:
                yield from _wrong_division(ratio, above, below)


def _wrong_division(ratio: RatioKpi, numerator: CountedKpi, denominator: CountedKpi) -> _Wrong:
    above, below = dimensions_of(numerator), dimensions_of(denominator)
    if above != below:
        yield ("denominator",), f"is by {_listed(below)}, the numerator by {_listed(above)}: they must be the same"
    unit = "micros" if numerator.unit == "micros" and denominator.unit == "count" else "ratio"
    if ratio.unit != unit:
        yield ("unit",), f"{numerator.unit} by {denominator.unit} gives {unit}"


def _wrong_counting(block: CountedKpi) -> _Wrong:
    for position, fact in enumerate(block.facts):
        if fact not in FACTS:
            yield ("facts", position), f"no fact {fact!r}; {there_are(fact, FACTS)}"
    facts = [fact for fact in block.facts if fact in FACTS]
    if isinstance(block, DistinctKpi):
        yield from _wrong_flags(block, facts)
        return
    yield from _wrong_conditions(block, facts)
    if isinstance(block, SumKpi):
        yield from _wrong_sum(block, facts)


def _wrong_flags(block: DistinctKpi, facts: list[str]) -> _Wrong:
    for window in block.windows:
        if window not in block.counted_by:
            yield ("counted_by",), f"say which flag counts per {window}"
    flags: Mapping[WindowKind, str] = block.counted_by
    for window, flag in flags.items():
        if window not in block.windows:
            yield ("counted_by", window), f"the KPI has no window {window}"
        yield from _unfit(("counted_by", window), flag, facts, bool)


def _wrong_conditions(block: CountKpi | SumKpi, facts: list[str]) -> _Wrong:
    for name, choices in block.where.items():
        unknown = list(_unfit(("where", name), name, facts))
        yield from unknown
        for fact in facts if not unknown else ():
            for choice in choices:
                if not FACTS[fact][name].can_be(choice):
                    yield ("where", name), f"{name} of {fact} is {FACTS[fact][name]}, never {choice!r}"
    for position, name in enumerate(block.by):
        yield from _unfit(("by", position), name, facts)
        for fact in facts:
            if name in FACTS[fact] and FACTS[fact][name].type is int:
                yield ("by", position), f"{name} of {fact} is a number; only texts and flags can split a KPI"


def _wrong_sum(block: SumKpi, facts: list[str]) -> _Wrong:
    unfit = list(_unfit(("field",), block.field, facts, int))
    yield from unfit
    for fact in facts if not unfit else ():
        if FACTS[fact][block.field].money != (block.unit == "micros"):
            yield ("unit",), f"{block.field} of {fact} is {'' if block.unit == 'count' else 'not '}money (micros)"
    one_currency = len(block.where.get("currency", ())) == 1 or "currency" in block.by
    if block.unit == "micros" and not one_currency:
        yield ("where",), 'money of several currencies does not add up: say `where.currency`, or `by = ["currency"]`'


def _unfit(place: tuple[int | str, ...], name: str, facts: list[str], kind: type | None = None) -> _Wrong:
    """A value that some of the facts do not have, or that is not of the kind (if one is needed)."""
    for fact in facts:
        found = FACTS[fact].get(name)
        if found is None:
            yield place, f"{fact} has no {name!r}; {there_are(name, FACTS[fact])}"
        elif kind is not None and found.type is not kind:
            yield place, f"{name} of {fact} is {found}: {_NEEDED[kind]} is needed"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"
