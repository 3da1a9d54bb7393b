"""What all kinds of triggers share: the settings of a rule, and how a kind registers itself."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from streamproc.config_file import Hours, RuleName
from streamproc.decide.checks import Check
from streamproc.decide.conditions import Condition, check_of
from streamproc.decide.moment import Moment, Values
from streamproc.did_you_mean import suggest
from streamproc.events.email import Channel
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.times import HOUR_MS
from streamproc.kinds import Kinds, KindTable

KINDS: Kinds[type["TriggerRule"]] = Kinds("trigger kind")
"""Every kind of trigger by its name."""


class TriggerRule(KindTable):
    """A rule of `config/triggers.toml`; each kind adds its own keys.

    `cool_down_hours` is the least time between two messages of this rule to one customer; `once` allows one ever.
    What was told more than `max_age_hours` after it happened is no occasion.
    """

    known: ClassVar[Kinds[Any]] = KINDS

    name: RuleName
    description: str = ""
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = ("email",)
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    cap_class: Literal["marketing", "transactional"] = "marketing"
    cool_down_hours: Hours = 24
    once: bool = False
    max_age_hours: Hours = 48
    expires_hours: Annotated[Hours, Field(gt=0)] | None = None
    content: str | None = None
    where: tuple[Condition, ...] = ()

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
    @abstractmethod
    def wakes_on(self) -> frozenset[str]:
        """The types of events that can change anything for this rule; its own timer always can."""

    @abstractmethod
    def consider(self, moment: Moment) -> "Candidate | None":
        """Whether the rule wants to send something now; may set or take away its timer."""

    def fits(self, moment: Moment) -> bool:
        """Whether the rule's conditions hold."""
        return self._check(moment.features)

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
    """A rule that wants to send something, before the policy had its say."""

    rule: TriggerRule
    correlation: str
    values: Values


def known_event(name: str) -> str:
    """The type of an event.

    Raises:
        ValueError: there is no such event; the message lists those there are.
    """
    if name not in EVENT_TYPES:
        raise ValueError(f"no event {name!r}; {suggest(name, sorted(EVENT_TYPES))}")
    return name
