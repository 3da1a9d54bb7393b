"""What kinds share that ask whether an event will come within the horizon, with these values."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from streamproc.config_file import AnyOf, Exact, listed
from streamproc.customer.declared.vocabulary import require_values
from streamproc.customer.questions import Question
from streamproc.models.asking import EventName
from streamproc.models.kind import AskedPrediction, Change
from streamproc.models.labels import Answer

CAME = 1


class EventQuestion(AskedPrediction):
    """A question that an event answers with yes, and time with no.

    Attributes:
        event: one of these must come.
        where: field to the values of which it must have one, as in features.toml.
    """

    event: Annotated[tuple[EventName, ...], BeforeValidator(listed), Field(min_length=1)]
    where: dict[str, AnyOf] = Field(default_factory=dict)

    @field_validator("where")
    @classmethod
    def _can_be(cls, where: dict[str, tuple[Exact, ...]], said: ValidationInfo) -> dict[str, tuple[Exact, ...]]:
        require_values(said.data.get("event", ()), where)
        return where

    def can_answer(self, change: Change) -> bool:
        """One of the events does, with these values; told anew, or by a machine, it is no occasion."""
        if change.happened not in self.event:
            return False
        event = change.entry.event
        return all(getattr(event, name) in choices for name, choices in self._choices.items())

    def answers(self, asked: tuple[Question, ...], change: Change) -> tuple[Answer, ...]:
        """Yes to what was asked before it and within the horizon; no is said by time alone."""
        at_ms = change.entry.at_ms
        return tuple([Answer(each, CAME) for each in asked if each.asked_ms < at_ms <= each.due_ms])

    @cached_property
    def _choices(self) -> Mapping[str, frozenset[Any]]:
        return {name: frozenset(choices) for name, choices in self.where.items()}
