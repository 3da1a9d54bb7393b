"""Every message that crosses a topic, by name, and the families of messages that share one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from pydantic import BaseModel

from streamproc.events.decisions import Decision
from streamproc.events.facts import Fact, Progress
from streamproc.events.kpis import Kpi
from streamproc.events.log import LogRecord
from streamproc.events.raw import EVENT_TYPES, FAMILIES
from streamproc.events.source import SourceProgressed
from streamproc.events.training import Example, ModelCard


@dataclass(frozen=True, slots=True)
class Message:
    """A kind of message: its name, the class it is read into or written from, and who writes it.

    `given` messages are written by others, or long ago: streamproc must go on accepting what it accepted.
    `made` messages are read by others: streamproc must go on giving what it gave.
    """

    name: str
    cls: type[Any]
    direction: Literal["given", "made"]


LOG_RECORD = "log_record"


def type_of(cls: type[Any]) -> str:
    """The value of the field `type` that tells a message from others in its topic.

    >>> type_of(Fact)
    'fact'
    """
    if issubclass(cls, BaseModel):
        return str(cls.model_fields["type"].default)
    return str(next(field.default for field in fields(cls) if field.name == "type"))


_GIVEN: tuple[type[Any], ...] = (*EVENT_TYPES.values(), SourceProgressed)
_MADE: tuple[type[Any], ...] = (*get_args(Decision), Fact, Progress, Example, ModelCard, Kpi)

MESSAGES: Mapping[str, Message] = {
    message.name: message
    for message in (
        *(Message(type_of(cls), cls, "given") for cls in _GIVEN),
        Message(LOG_RECORD, LogRecord, "given"),
        *(Message(type_of(cls), cls, "made") for cls in _MADE),
    )
}

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    **{family: (*(type_of(cls) for cls in classes), type_of(SourceProgressed)) for family, classes in FAMILIES.items()},
    "facts": (type_of(Fact), type_of(Progress)),
    "training": (type_of(Example), type_of(Progress)),
}


def messages_of(schema: str) -> tuple[Message, ...]:
    """The messages that a topic file names with `schema`: one of them, or a family; empty if there is no such thing."""
    return tuple(MESSAGES[name] for name in _FAMILIES.get(schema, (schema,)) if name in MESSAGES)
