"""When a question is asked again and again: at events, and every so many days while the customer is not quiet."""

from functools import cached_property
from typing import Annotated, Self

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from streamproc.config_file import listed
from streamproc.customer.state import MAX_QUESTIONS, Customer
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Metric
from streamproc.did_you_mean import suggest
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.times import DAY_MS
from streamproc.models.kind import Change
from streamproc.models.learned import LearnedPrediction


def known_event(name: str) -> str:
    """The name, if an event has it."""
    if name not in EVENT_TYPES:
        raise ValueError(f"no event {name!r}; {suggest(name, EVENT_TYPES)}")
    return name


HOW = {
    "features", "lateness_hours", "release_every", "learner", "challengers", "promote_after", "promote_margin", "bands",
    "ask_on", "ask_every_days", "ask_until_quiet_days",
}  # fmt: skip
"""The keys of a table that say how and when it is asked and learned, and not what."""

EventName = Annotated[str, AfterValidator(known_event)]


def has_ordered(change: Change) -> bool:
    """Whether the entry is an order that counts."""
    return change.customer.orders > (change.before.orders if change.before else 0)


class RecurringPrediction(LearnedPrediction):
    """Asked at each event of `ask_on`, and then every `ask_every_days`, if that is said.

    It goes on until the customer has done nothing for `ask_until_quiet_days`; a later event begins anew. The first
    event of a customer begins it too, if `ask_on` names none.
    """

    ask_on: Annotated[tuple[EventName, ...], BeforeValidator(listed)] = ()
    ask_every_days: Annotated[int, Field(ge=1, le=365)] | None = None
    ask_until_quiet_days: Annotated[int, Field(ge=1, le=365)] = 365

    @model_validator(mode="after")
    def _is_asked(self) -> Self:
        if not self.ask_on and self.ask_every_days is None:
            raise ValueError("it is never asked: say ask_on, ask_every_days or both")
        every = self.ask_every_days
        if every is not None and self.horizon_ms + self.lateness_ms >= MAX_QUESTIONS * every * DAY_MS:
            raise ValueError(
                f"at most {MAX_QUESTIONS} questions may be open: raise ask_every_days or lower horizon_days"
            )
        return self

    def asks(self, change: Change, *, is_due: bool) -> bool:
        """At the events that are named, and by time; what is told late asks nothing: later events are known already."""
        if is_due:
            return True
        if change.entry.at_ms < change.customer.last_seen_ms:
            return False
        if self.ask_on:
            return change.happened in self.ask_on
        return self.begins(change)

    @property
    def by_time_alone(self) -> bool:
        """Whether no event is named that asks: then one begins a row, and time goes on with it."""
        return not self.ask_on

    @cached_property
    def definition(self) -> str:
        """The kind, the horizon, and what else makes the answer."""
        plain = self.model_dump(mode="json", exclude=HOW)
        return orjson.dumps(plain | {"kind": self.kind}, option=orjson.OPT_SORT_KEYS).decode()

    def begins(self, change: Change) -> bool:
        """Whether an event begins a row of questions where none runs."""
        return change.happened in EVENT_TYPES

    def ask_due(self, customer: Customer, now_ms: int) -> int | None:
        """So many days later, if the customer is not quiet for too long then."""
        if self.ask_every_days is None:
            return None
        due = now_ms + self.ask_every_days * DAY_MS
        return None if self.is_quiet(customer, due) else due

    def is_quiet(self, customer: Customer, now_ms: int) -> bool:
        """Whether the customer has done nothing for too long; what is sent to somebody is nothing that he did."""
        return not CustomerView(customer, now_ms).in_days(self.ask_until_quiet_days, Metric.ACTIONS)
