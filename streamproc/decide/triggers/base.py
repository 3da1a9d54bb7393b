"""What all kinds of triggers share: the settings of a rule, and how a kind registers itself."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from streamproc.config_file import Hours, Number, RuleName, Table
from streamproc.customer.sendings import Sending
from streamproc.customer.state import Waiting
from streamproc.decide.checks import Check
from streamproc.decide.conditions import Condition, check_of
from streamproc.decide.finding import Finding
from streamproc.decide.moment import Moment, Values
from streamproc.did_you_mean import suggest
from streamproc.events.email import Channel
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.times import HOUR_MS
from streamproc.kinds import Kinds, KindTable

KINDS: Kinds[type["TriggerRule"]] = Kinds("trigger kind")
"""Every kind of trigger by its name."""


class ValueOf(Table):
    """A feature or a score of the customer; a score that is not known is 0."""

    feature: str | None = None
    score: str | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.feature is None) == (self.score is None):
            raise ValueError("name either feature or score")
        return self

    def of(self, moment: Moment) -> float:
        """The customer's."""
        if self.feature is not None:
            return moment.features[self.feature]
        known = moment.customer.scores.get(self.score or "")
        return known.value if known else 0.0


class TriggerRule(KindTable):
    """A rule of `config/triggers.toml`; each kind adds its own keys.

    `cool_down_hours` is the least time between two messages of this rule to one customer; `once` allows one ever.
    With `cool_down_per = "key"` both are per cart, order or product. With `defer` what a cool-down or a cap refuses is
    decided again when that ends. What was told more than `max_age_hours` after it happened is no occasion.

    Triggers that compete are ranked by `priority` x `value` (x the feature or score that `value_by` names); `loses`
    says whether one that was outranked waits for the next time. A `campaign` sends a customer one message, whatever the
    channel.
    """

    known: ClassVar[Kinds[Any]] = KINDS

    name: RuleName
    description: str = ""
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = ("email",)
    channel_by: Literal["trigger", "customer"] = "trigger"
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    cap_class: Literal["marketing", "transactional"] = "marketing"
    cool_down_hours: Hours = 24
    once: bool = False
    max_age_hours: Hours = 48
    expires_hours: Annotated[Hours, Field(gt=0)] | None = None
    content: str | None = None
    where: tuple[Condition, ...] = ()
    eligible: tuple[Condition, ...] = ()
    cool_down_per: Literal["customer", "key"] = "customer"
    defer: bool = False
    value: Annotated[Number, Field(ge=0)] = 1
    value_by: ValueOf | None = None
    loses: Literal["drop", "defer"] = "drop"
    campaign: RuleName | None = None

    @property
    def timer(self) -> str:
        """The name of the rule's timer in a customer's state."""
        return f"trigger:{self.name}"

    @property
    def cool_down_ms(self) -> int:
        """The cool-down in milliseconds."""
        return round(self.cool_down_hours * HOUR_MS)

    @property
    def max_age_ms(self) -> int:
        """The largest age in milliseconds."""
        return round(self.max_age_hours * HOUR_MS)

    @property
    def expires_ms(self) -> int | None:
        """How long after its occasion it is good for anything, in milliseconds; None: always."""
        return None if self.expires_hours is None else round(self.expires_hours * HOUR_MS)

    @property
    def of_step(self) -> str | None:
        """The step of a journey that it is the message of; None: it is a rule of its own."""
        return None

    @property
    def stays_armed(self) -> bool:
        """Whether a refusal leaves the occasion standing, so that it is tried again with the next event."""
        return False

    @property
    @abstractmethod
    def wakes_on(self) -> frozenset[str]:
        """The types of events that can change anything for this rule; its own timer always can."""

    @abstractmethod
    def consider(self, moment: Moment) -> "Candidate | None":
        """Whether the rule wants to send something now; may set or take away its timer."""

    def fits(self, moment: Moment) -> bool:
        """Whether the rule's conditions hold."""
        return self._check(moment.features)

    def is_for(self, moment: Moment) -> bool:
        """Whether the customer is one of those that the message is for."""
        return self._eligible(moment.features)

    def still_holds(self, moment: Moment, waiting: Waiting) -> bool:  # noqa: ARG002  some kinds ask about it
        """Whether what was put off is still worth saying."""
        return self.fits(moment)

    def values_now(self, moment: Moment, waiting: Waiting) -> Values:  # noqa: ARG002  some kinds look again
        """The values of what was put off."""
        return waiting.values

    @property
    def begins_by_itself(self) -> bool:
        """Whether a new rule of this kind has something to do for customers of whom nothing happens (`begin`)."""
        return False

    def begin(self, moment: Moment) -> None:
        """Set the timers that the rule would have set if it had been there before."""

    def occasion(self, moment: Moment) -> Iterator[Finding]:  # noqa: ARG002  most kinds have more to say
        """What is to be known of the rule's occasion, for whoever asks why it went out or did not."""
        yield from ()

    def offer_of(self, correlation: str) -> str | None:  # noqa: ARG002  one kind knows
        """The id of the offer that is sent, if one is."""
        return None

    def was_wrong(self, moment: Moment, sending: Sending) -> bool:  # noqa: ARG002  some kinds ask about it
        """Whether what is known now, of the time before it went out, shows that it should not have."""
        return False

    def was_refused(self, moment: Moment) -> None:
        """It was refused for good: a kind that stays armed makes ready for the next time."""

    def worth(self, moment: Moment) -> float:
        """What sending it is worth, compared with others."""
        by = 1.0 if self.value_by is None else self.value_by.of(moment)
        return self.priority * self.value * by

    @cached_property
    def _eligible(self) -> Check:
        """Who it is for, as one function."""
        return check_of(self.eligible)

    @cached_property
    def _check(self) -> Check:
        """The conditions as one function."""
        return check_of(self.where)

    def candidate(self, moment: Moment, correlation: str, values: Values | None = None) -> "Candidate":
        """This rule's wish to send, with the values that led to it."""
        found: dict[str, float | str | None] = dict(values or {})
        for condition in self.where:
            found |= condition.values(moment.features)
        return Candidate(self, correlation, found)


@dataclass(frozen=True)
class Candidate:
    """A rule that wants to send something, before the policy had its say.

    Attributes:
        rule: the rule.
        correlation: which cart, order, product or log position it is about.
        values: what made it fire.
        since_ms: when its occasion was, if that is not now (epoch ms).
        was_put_off: why it was put off before; None: it is new.
    """

    rule: TriggerRule
    correlation: str
    values: Values
    since_ms: int | None = None
    was_put_off: str | None = None

    @property
    def was_collected(self) -> bool:
        """Whether it has waited for others to compete with."""
        return self.was_put_off == "collecting"


def known_event(name: str) -> str:
    """The type of an event.

    Raises:
        ValueError: there is no such event; the message lists those there are.
    """
    if name not in EVENT_TYPES:
        raise ValueError(f"no event {name!r}; {suggest(name, sorted(EVENT_TYPES))}")
    return name
