"""Conditions as functions, put together once: a customer's event asks many of them, and reads no table for it.

A check looks at no more than it must: what is decided already is not asked.
"""

from collections.abc import Callable, Sequence
from typing import Any

from streamproc.customer.features import Feature, Features

Check = Callable[[Features], bool]
"""Whether something is true of the customer at the moment of the features."""

Read = Callable[[Features], Any]
"""A value of the customer, to be compared with one of the configuration; None: it is not known."""

Limits = Sequence[tuple[Callable[[Any, Any], bool], Any]]
"""Comparisons that must all be true of a value, each with what it is compared with."""


def all_of(checks: Sequence[Check]) -> Check:
    """Whether all of them hold; of none: yes."""
    match tuple(checks):
        case (only,):
            return only
        case (one, other):
            return lambda features: one(features) and other(features)
        case several:
            return lambda features: _all(several, features)


def any_of(checks: Sequence[Check]) -> Check:
    """Whether one of them holds; of none: no."""
    match tuple(checks):
        case (only,):
            return only
        case (one, other):
            return lambda features: one(features) or other(features)
        case several:
            return lambda features: _any(several, features)


def none_of(check: Check) -> Check:
    """Whether it does not hold."""
    return lambda features: not check(features)


def feature_within(name: str, limits: Limits) -> Check:
    """Whether a feature, which is always known and always a number, keeps all limits."""
    checks = [_feature_keeps(name, compare, limit) for compare, limit in limits]
    return all_of(checks)


def number_within(read: Feature, limits: Limits) -> Check:
    """Likewise of another number of the customer that is always known."""
    return lambda features: all(compare(read(features.view), limit) for compare, limit in limits)


def value_within(read: Read, limits: Limits, *, is_number: bool) -> Check:
    """Whether a value is known, and keeps all limits; if these are of numbers, no text does."""

    def check(features: Features) -> bool:
        value = read(features)
        if value is None or (is_number and isinstance(value, str)):
            return False
        return all(compare(value, limit) for compare, limit in limits)

    return check


def _feature_keeps(name: str, compare: Callable[[Any, Any], bool], limit: Any) -> Check:
    return lambda features: compare(features[name], limit)


def _all(checks: tuple[Check, ...], features: Features) -> bool:
    for check in checks:  # noqa: SIM110  a generator costs more than most checks
        if not check(features):
            return False
    return True


def _any(checks: tuple[Check, ...], features: Features) -> bool:
    for check in checks:  # noqa: SIM110  as in `_all`
        if check(features):
            return True
    return False
