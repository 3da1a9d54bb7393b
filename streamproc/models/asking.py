"""When a question is asked again and again: at events, and every so many days while the customer is not quiet."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from streamproc.config_file import listed
from streamproc.customer.state import MAX_QUESTIONS, Customer
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
    ask_until_quiet_days: Annotated[int, Field(ge=1, le=3650)] = 365

    @model_validator(mode="after")
    def _is_asked(self) -> Self:
        if not self.ask_on and self.ask_every_days is None:
            raise ValueError("it is never asked: say ask_on, ask_every_days or both")
        every = self.ask_every_days
        if every is not None and self.horizon_ms + self.lateness_ms > MAX_QUESTIONS * every * DAY_MS:
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

    def begins(self, change: Change) -> bool:
        """Whether an event begins a row of questions where none runs."""
        return change.happened in EVENT_TYPES

    def ask_due(self, customer: Customer, now_ms: int) -> int | None:
        """So many days later, if the customer is not quiet for too long then."""
        if self.ask_every_days is None:
            return None
        due = now_ms + self.ask_every_days * DAY_MS
        return None if due - self.last_sign(customer) > self.ask_until_quiet_days * DAY_MS else due

    def last_sign(self, customer: Customer) -> int:
        """When the customer did anything last (epoch ms)."""
        return customer.last_seen_ms
