"""What the events' contracts say about their fields, for mappings: which there are, and how text becomes a value."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, get_args, get_type_hints

from pydantic import AwareDatetime

from streamproc.events.base import Contract
from streamproc.events.money import Micros
from streamproc.events.purchase import OrderLine
from streamproc.events.raw import EVENT_TYPES

Kind = Literal["text", "id", "money", "number", "measure", "flag", "time"]

_MADE_HERE = {"type", "occurred_at", "event_id", "source", "lines", "traits"}
"""Fields that `[event]`, `[time]`, `[lines]`, `[traits]` and the import itself give."""

_WHO = {"customer_id", "anonymous_id", "email", "merged_customer_id", "order_id"}
"""What identifies nobody is none of these."""


@lru_cache
def fields_of(event_type: str) -> dict[str, Kind]:
    """The fields of a type of event that columns can fill, with the kind of their values."""
    known = _kinds(EVENT_TYPES[event_type], _MADE_HERE)
    return {"event_id": "text", **known}


@lru_cache
def required_of(event_type: str) -> frozenset[str]:
    """The fields without which there is no such event; the sum of the lines can stand for an amount."""
    fields = EVENT_TYPES[event_type].model_fields
    summed = {"amount"} if has_lines(event_type) else set()
    return frozenset(name for name, field in fields.items() if field.is_required()) - _MADE_HERE - summed


@lru_cache
def is_of_an_order(event_type: str) -> bool:
    """Whether such an event says which order it is of."""
    return "order_id" in EVENT_TYPES[event_type].model_fields


def has_lines(event_type: str) -> bool:
    """Whether rows of such an event are lines of an order."""
    return "lines" in EVENT_TYPES[event_type].model_fields


def _kinds(cls: type[Contract], without: set[str]) -> dict[str, Kind]:
    hints = get_type_hints(cls, include_extras=True)
    return {name: "id" if name in _WHO else _kind(hints[name]) for name in cls.model_fields if name not in without}


def _kind(hint: object) -> Kind:
    parts = list(_parts(hint))
    if Micros in parts:
        return "money"
    if bool in parts:
        return "flag"
    if AwareDatetime in parts:
        return "time"
    return "number" if int in parts else "text"


def _parts(hint: object) -> Iterator[object]:
    """The type, and all that it is made of, however deeply."""
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


LINE_PARTS: dict[str, Kind] = _kinds(OrderLine, set()) | {"amount": "money"}
"""The parts of an order's line; `amount` is what was paid for the whole row, if the price of a piece is not known."""
