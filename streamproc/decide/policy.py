"""May it be sent? The rules of the policy, in their order; the first that refuses is the reason.

Consent, then cool-down. Every refusal is a record on the suppressions topic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from streamproc.config_file import Table
from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.triggers import Candidate


class ConsentDefaults(Table):
    """What counts when a customer has not said anything."""

    marketing: Literal["deny", "allow"] = "deny"
    transactional: Literal["deny", "allow"] = "allow"


class PolicySettings(Table):
    """`config/policy.toml`."""

    consent: ConsentDefaults = ConsentDefaults()
    guest_days: Annotated[int, Field(ge=1, le=3650)] = 30
    visitor_days: Annotated[int, Field(ge=1, le=3650)] = 90

    def allows(self, customer: Customer, purpose: Literal["marketing", "transactional"], channel: str) -> bool:
        """Whether the customer's consent covers a message."""
        said = customer.consents.get(consent_key(purpose, channel))
        return said.granted if said is not None else getattr(self.consent, purpose) == "allow"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the rule, its reason, and until when (epoch ms) if time changes it."""

    rule: str
    reason: str
    until_ms: int | None = None


Rule = Callable[[PolicySettings, Moment, Candidate], Refusal | None]


def consent(policy: PolicySettings, moment: Moment, candidate: Candidate) -> Refusal | None:
    """No channel of the trigger may be used."""
    return None if allowed_channel(policy, moment, candidate) else Refusal("consent", "no_consent")


def cool_down(policy: PolicySettings, moment: Moment, candidate: Candidate) -> Refusal | None:  # noqa: ARG001
    """The same trigger went out to this customer not long ago, or may go out only once."""
    fired = moment.customer.fired.get(candidate.rule.name)
    if fired is None:
        return None
    if candidate.rule.once:
        return Refusal("cool_down", "only_once")
    until = fired.at_ms + candidate.rule.cool_down_ms
    return Refusal("cool_down", "cool_down", until) if moment.now_ms < until else None


RULES: tuple[Rule, ...] = (consent, cool_down)


def allowed_channel(policy: PolicySettings, moment: Moment, candidate: Candidate) -> str | None:
    """The first channel of the trigger that the customer's consent covers."""
    rule = candidate.rule
    return next((c for c in rule.channels if policy.allows(moment.customer, rule.cap_class, c)), None)


def refusal(policy: PolicySettings, moment: Moment, candidate: Candidate) -> Refusal | None:
    """The first rule's refusal, or None: it may be sent."""
    return next((no for rule in RULES if (no := rule(policy, moment, candidate)) is not None), None)
