"""What events say: the fields that `config/features.toml` may ask for, so that a misspelt one is found at once.

It is made from the event classes, of their fields and of what they work out of these (public properties): a new one is
known here by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from streamproc.did_you_mean import suggest
from streamproc.events.base import Contract, RawEvent
from streamproc.events.money import Micros
from streamproc.events.raw import EVENT_TYPES

NOT_ASKED = frozenset({"type", "event_id", "customer_id", "anonymous_id", "email", "user_agent", "ip"})
"""`event` says the first; no two events share the second; whose an event is, all of a state's events have in common;
what collect judges machines by it leaves out."""


@dataclass(frozen=True, slots=True)
class EventField:
    """What a field of an event can be: a flag, a whole number or a text.

    Attributes:
        choices: all that a text can be, if that is a closed list.
        is_money: a number of micros.
    """

    type: type[bool | int | str]
    choices: tuple[str, ...] = ()
    is_money: bool = False

    def can_be(self, value: object) -> bool:
        """Whether the field can ever have this value.

        >>> EventField(bool).can_be(True), EventField(int).can_be(True)
        (True, False)
        """
        return type(value) is self.type and (not self.choices or value in self.choices)

    def __str__(self) -> str:
        """What it can be, in words."""
        words = {bool: "true or false", int: "a whole number", str: "a text"}
        return f"one of {', '.join(self.choices)}" if self.choices else words[self.type]


def _field(annotation: Any) -> EventField | None:
    """What an annotation allows beside None; None if that is no flag, number or text."""
    if get_origin(annotation) in (Union, UnionType):
        annotation, *others = (part for part in get_args(annotation) if part is not type(None))
        if others:
            return None
    is_money = annotation == Micros
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return EventField(str, get_args(annotation))
    return EventField(annotation, (), is_money) if annotation in (bool, int, str) else None


def _annotations(event: type[Contract]) -> Iterator[tuple[str, Any]]:
    """The names and types of all that an event says."""
    hints = get_type_hints(event, include_extras=True)
    yield from ((name, hints[name]) for name in event.model_fields)
    for cls in event.__mro__:
        for name, member in vars(cls).items() if issubclass(cls, RawEvent) else ():
            function = member.func if isinstance(member, cached_property) else getattr(member, "fget", None)
            if function is not None and not name.startswith("_"):
                yield name, get_type_hints(function, include_extras=True)["return"]


def _fields(event: type[Contract]) -> dict[str, EventField]:
    found = {name: _field(annotation) for name, annotation in _annotations(event) if name not in NOT_ASKED}
    return {name: field for name, field in sorted(found.items()) if field is not None}


EVENTS: Mapping[str, Mapping[str, EventField]] = {name: _fields(event) for name, event in EVENT_TYPES.items()}
"""Event type to its fields."""


def require_values(events: Iterable[str], where: Mapping[str, Iterable[object]]) -> None:
    """Look whether events have these fields, and can have these values in them.

    Raises:
        ValueError: one does not, or never can.
    """
    for event in events:
        for name, choices in where.items():
            if (field := EVENTS[event].get(name)) is None:
                raise ValueError(f"{event} has no {name!r}; {suggest(name, EVENTS[event])}")
            if never := [choice for choice in choices if not field.can_be(choice)]:
                raise ValueError(f"{name} of {event} is {field}, never {never[0]!r}")
