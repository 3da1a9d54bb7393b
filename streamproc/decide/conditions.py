"""Conditions on a customer as trees of TOML tables: `{ feature = "orders_total", at_least = 2 }`, all, any, not."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from operator import eq, ge, gt, le, lt
from typing import Annotated, Self

from pydantic import Field, model_validator

from streamproc.config_file import Days, Number, Table, Whole
from streamproc.customer.categories import number_of
from streamproc.customer.features import NAMED, Features
from streamproc.customer.features.turning import exceeded, reached
from streamproc.customer.tags import DAYS_TAGGED, days_tagged
from streamproc.decide.checks import Check, Limits, all_of, any_of, feature_within, none_of, number_within, value_within

Scalar = str | bool | Whole | Number


DEEPEST = 8
"""So many conditions may stand in each other: more than that nobody reads."""

COMPARED = ("equals", "at_least", "at_most", "above", "below")
ASKED_OF = {
    "feature": (*COMPARED, "one_of"),
    "score": (*COMPARED, "known"),
    "trait": (*COMPARED, "one_of", "known"),
    "tag": ("for_days",),
    "segment": (),
}
"""What a condition can name, and what can be asked of it."""


class Condition(Table):
    """One comparison, or a combination of conditions.

    A comparison names one of `feature`, `score`, `trait`, and any of `equals, at_least, at_most, above, below`; a trait
    also `one_of`, as a feature that says names, which has only that and `equals`; a trait or score also `known` alone.
    Or it names a `tag` or `segment`, which the customer must have, a tag `for_days` at least. What is not known (no
    score yet, no such trait) keeps no comparison.
    """

    feature: str | None = None
    score: str | None = None
    trait: str | None = None
    tag: str | None = None
    segment: str | None = None
    equals: Scalar | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    above: Number | None = None
    below: Number | None = None
    one_of: Annotated[tuple[Scalar, ...], Field(min_length=1)] | None = None
    known: bool | None = None
    for_days: Annotated[Days, Field(gt=0)] | None = None
    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    not_: Annotated["Condition | None", Field(alias="not")] = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        subjects = [name for name in (*ASKED_OF, "all", "any", "not_") if getattr(self, name) is not None]
        if len(subjects) != 1:
            raise ValueError("name exactly one of feature, score, trait, tag, segment, all, any, not")
        can_be_asked = ASKED_OF.get(subjects[0], ())
        asked = [name for name in (*COMPARED, "one_of", "known", "for_days") if getattr(self, name) is not None]
        if not set(asked) <= set(can_be_asked) or (not asked and can_be_asked[:1] == COMPARED[:1]):
            raise ValueError(
                "feature, score and trait need equals, at_least, at_most, above or below; a trait, or a feature that "
                "says names, can be one_of; whether a trait or score is known can be asked; a tag can be had for_days; "
                "nothing else"
            )
        if self.known is not None and len(asked) > 1:
            raise ValueError("known stands alone: what keeps a comparison is known")
        if self.feature is not None:
            self._require_names_or_numbers(self.feature)
        if self.depth > DEEPEST:
            raise ValueError(f"conditions stand in each other more than {DEEPEST} deep: write it flatter")
        return self

    def _require_names_or_numbers(self, feature: str) -> None:
        """A feature that says names is compared with names, another one with numbers."""
        said = (*(self.one_of or ()), *((self.equals,) if self.equals is not None else ()))
        if feature in NAMED and (self._has_bounds or not all(isinstance(each, str) for each in said)):
            raise ValueError(f"{feature} says names: ask whether it equals one, or is one_of several")
        if feature not in NAMED and (self.one_of is not None or not all(map(_is_number, said))):
            raise ValueError(f"{feature} is a number: it can be compared with numbers only")

    @cached_property
    def depth(self) -> int:
        """How many conditions stand in each other, this one included."""
        return 1 + max((part.depth for part in self.parts), default=0)

    @property
    def parts(self) -> tuple["Condition", ...]:
        """The conditions that it combines."""
        return (*(self.all or ()), *(self.any or ()), *((self.not_,) if self.not_ else ()))

    @cached_property
    def check(self) -> Check:
        """Whether the condition is true of the customer at the moment of some features; put together once."""
        if self.all is not None:
            return all_of([part.check for part in self.all])
        if self.any is not None:
            return any_of([part.check for part in self.any])
        if self.not_ is not None:
            return none_of(self.not_.check)
        if self.feature is not None:
            return feature_within(self.feature, self._limits)
        return self._of_state()

    def _of_state(self) -> Check:
        """What is asked of the customer's state itself."""
        if (tag := self.tag) is not None:
            if self.for_days is not None:
                return number_within(days_tagged(tag), self._limits)
            return lambda features: tag in features.view.customer.tags
        if (segment := self.segment) is not None:
            return lambda features: segment in features.view.customer.segments
        if (known := self.known) is not None:
            return lambda features: (self._value(features) is not None) is known
        return value_within(self._value, self._limits, is_number=self._has_bounds)

    def values(self, features: Features) -> dict[str, float | str | None]:
        """The values that the condition looked at, for the decision's lineage."""
        found: dict[str, float | str | None] = {}
        for part in self.parts:
            found |= part.values(features)
        name = self.feature or self.score or self.trait
        if name is not None:
            value = features.text(name) if self.feature in NAMED else self._value(features)
            found[name] = round(value, 6) if isinstance(value, float) else None if value is None else str(value)
        return found

    def _value(self, features: Features) -> Scalar | None:
        if self.feature is not None:
            return features[self.feature]
        customer = features.view.customer
        if self.score is not None:
            known = customer.scores.get(self.score)
            return known.value if known else None
        return customer.traits.get(self.trait or "")

    def limits(self) -> Iterator[tuple[str, float]]:
        """Every limit of a number that the condition or a part of it asks about: the least value beyond it."""
        for part in self.parts:
            yield from part.limits()
        if (number := self.number) is None:
            return
        known = self._exact
        from_there = (*known, self.at_least, self.below, self.for_days)
        after_it = (*known, self.at_most, self.above)
        yield from ((number, reached(limit)) for limit in from_there if limit is not None)
        yield from ((number, exceeded(limit)) for limit in after_it if limit is not None)

    @property
    def number(self) -> str | None:
        """The number of the customer that is always known and is compared: a feature, or how long a tag is there."""
        if self.tag is not None and self.for_days is not None:
            return DAYS_TAGGED + self.tag
        return self.feature

    def is_kept_by(self, value: float) -> bool:
        """Whether a value of the number keeps all limits of the comparison."""
        return all(compare(value, limit) for compare, limit in self._limits)

    @property
    def _has_bounds(self) -> bool:
        """Whether something is asked that only a number can fulfil."""
        return any(bound is not None for bound in (self.at_least, self.at_most, self.above, self.below))

    @property
    def _exact(self) -> tuple[float, ...]:
        """The numbers that the number may be; names by theirs."""
        if self.feature in NAMED:
            return tuple(number_of(str(each)) for each in self.one_of or (self.equals,))
        return (self.equals,) if isinstance(self.equals, int | float) else ()

    @property
    def _limits(self) -> Limits:
        """The comparisons that are asked for, each with its limit."""
        if self.feature in NAMED:
            return ((_is_one_of, self._exact),)
        asked: Limits = (
            (eq, self.equals), (ge, self.at_least), (le, self.at_most), (gt, self.above), (lt, self.below),
            (_is_one_of, self.one_of), (ge, self.for_days),
        )  # fmt: skip
        return tuple((compare, limit) for compare, limit in asked if limit is not None)


def check_of(conditions: Iterable[Condition]) -> Check:
    """Whether all conditions of a rule hold, as one function."""
    return all_of([condition.check for condition in conditions])


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_one_of(value: Scalar, choices: tuple[Scalar, ...]) -> bool:
    return value in choices
