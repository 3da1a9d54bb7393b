"""Every message that crosses a topic, by name, and which of them share one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from pydantic import BaseModel

from streamproc.events.adapters import NATIVE
from streamproc.events.decisions import Decision, Retraction, Trigger
from streamproc.events.facts import Fact, Progress
from streamproc.events.kpis import Kpi
from streamproc.events.log import LogRecord
from streamproc.events.model_audit import ModelAct
from streamproc.events.raw import EVENT_TYPES, FAMILY_OF
from streamproc.events.source import SourceProgressed
from streamproc.events.training import Basket, Example, ModelCard
from streamproc.settings.topics import Topic


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
_MADE: tuple[type[Any], ...] = (*get_args(Decision), Fact, Progress, Example, Basket, ModelCard, ModelAct, Kpi)

MESSAGES: Mapping[str, Message] = {
    message.name: message
    for message in (
        *(Message(type_of(cls), cls, "given") for cls in _GIVEN),
        Message(LOG_RECORD, LogRecord, "given"),
        *(Message(type_of(cls), cls, "made") for cls in _MADE),
    )
}

_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "facts": (type_of(Fact), type_of(Progress)),
    "training": (type_of(Example), type_of(Basket), type_of(Progress)),
    "triggers": (type_of(Trigger), type_of(Retraction)),
}


def messages_of(topic: Topic) -> tuple[Message, ...]:
    """The messages of a topic: its families', and what a source says of itself, or what its `schema` names.

    Empty if its bytes are private, or in a format that is not ours; or if `schema` names nothing that there is.
    """
    if topic.families and topic.adapter == NATIVE:
        carried: list[type[Any]] = [cls for cls, family in FAMILY_OF.items() if family in topic.families]
        carried.append(SourceProgressed)
        return tuple(MESSAGES[type_of(cls)] for cls in carried)
    schema = topic.schema or ""
    return tuple(MESSAGES[name] for name in _TOGETHER.get(schema, (schema,)) if name in MESSAGES)
