"""Conditions on a customer as trees of TOML tables: `{ feature = "orders_total", at_least = 2 }`, all, any, not."""

from collections.abc import Callable
from functools import cached_property
from operator import ge, gt, le, lt
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from streamproc.config_file import Number, Table, Whole
from streamproc.customer.features import Features

Scalar = str | bool | Whole | Number


class Condition(Table):
    """One comparison, or a combination of conditions.

    A comparison names one of `feature`, `score`, `trait`, and any of `equals, at_least, at_most, above, below`; or
    `tag` or `segment`, which the customer must have. What is not known (no score yet, no such trait) is never true.
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
    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    not_: Annotated["Condition | None", Field(alias="not")] = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        subjects = [self.feature, self.score, self.trait, self.tag, self.segment, self.all, self.any, self.not_]
        if sum(subject is not None for subject in subjects) != 1:
            raise ValueError("name exactly one of feature, score, trait, tag, segment, all, any, not")
        compares = any(
            bound is not None for bound in (self.equals, self.at_least, self.at_most, self.above, self.below)
        )
        if compares != any(subject is not None for subject in (self.feature, self.score, self.trait)):
            raise ValueError("feature, score and trait need equals, at_least, at_most, above or below; nothing else")
        return self

    def holds(self, features: Features) -> bool:
        """Whether the condition is true of the customer at the moment of the features."""
        if self.all is not None:
            return all(part.holds(features) for part in self.all)
        if self.any is not None:
            return any(part.holds(features) for part in self.any)
        if self.not_ is not None:
            return not self.not_.holds(features)
        customer = features.view.customer
        if self.tag is not None:
            return self.tag in customer.tags
        if self.segment is not None:
            return self.segment in customer.segments
        return self._compare(self._value(features))

    def values(self, features: Features) -> dict[str, float | str | None]:
        """The values that the condition looked at, for the decision's lineage."""
        found: dict[str, float | str | None] = {}
        for part in (*(self.all or ()), *(self.any or ()), *((self.not_,) if self.not_ else ())):
            found |= part.values(features)
        name = self.feature or self.score or self.trait
        if name is not None:
            value = self._value(features)
            found[name] = round(value, 6) if isinstance(value, float) else None if value is None else str(value)
        return found

    def _value(self, features: Features) -> Scalar | None:
        if self.feature is not None:
            return features[self.feature]
        customer = features.view.customer
        if self.score is not None:
            known = customer.scores.get(self.score)
            return known.probability if known else None
        return customer.traits.get(self.trait or "")

    def _compare(self, value: Scalar | None) -> bool:
        if value is None or (self.equals is not None and value != self.equals):
            return False
        if not self._limits:
            return True
        return not isinstance(value, str) and all(holds(value, limit) for holds, limit in self._limits)

    @cached_property
    def _limits(self) -> tuple[tuple[Callable[[Any, Any], bool], float], ...]:
        """The comparisons that are asked for, each with its limit."""
        asked = ((ge, self.at_least), (le, self.at_most), (gt, self.above), (lt, self.below))
        return tuple((holds, limit) for holds, limit in asked if limit is not None)
