"""Conditions as one reads them."""

from collections.abc import Mapping

from streamproc.customer.features import Features
from streamproc.decide.conditions import Condition


def in_words(condition: Condition) -> str:
    """A condition as one reads it.

    >>> in_words(Condition.model_validate({"any": [{"feature": "orders_7d", "above": 2}, {"not": {"tag": "vip"}}]}))
    '(orders_7d above 2 or not tag vip)'
    """
    said: Mapping[str, object] = condition.model_dump(by_alias=True, exclude_none=True, exclude={"all", "any", "not_"})
    if condition.all is not None:
        return f"({' and '.join(map(in_words, condition.all))})"
    if condition.any is not None:
        return f"({' or '.join(map(in_words, condition.any))})"
    if condition.not_ is not None:
        return f"not {in_words(condition.not_)}"
    (kind, name), *limits = said.items()
    subject = str(name) if kind in ("feature", "trait") else f"{kind} {name}"
    return " ".join((subject, *(f"{key} {_plain(value)}" for key, value in limits)))


def answer_in_words(condition: Condition, features: Features) -> str:
    """What a condition sees: its values, or whether it holds."""
    values = condition.values(features)
    said = ", ".join(f"{name} is {'unknown' if value is None else value}" for name, value in values.items())
    return said or ("yes" if condition.check(features) else "no")


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
