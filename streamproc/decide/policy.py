"""May it be sent? The rules of the policy, in their order; the first that refuses is the reason.

Consent, then cool-down. Every refusal is a record on the suppressions topic.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from streamproc.config_file import Table
from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.triggers import Candidate
from streamproc.events.email import Channel


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
    """Why not: the rule, its reason, the channel that consent covers, until when (epoch ms) if time ends it."""

    rule: str
    reason: str
    channel: Channel | None = None
    until_ms: int | None = None


def permit(policy: PolicySettings, moment: Moment, candidate: Candidate) -> Channel | Refusal:
    """The channel to send by: the first of the trigger that the customer's consent covers; or why not to send."""
    rule = candidate.rule
    channel = next((each for each in rule.channels if policy.allows(moment.customer, rule.cap_class, each)), None)
    if channel is None:
        return Refusal("consent", "no_consent")
    return cool_down(moment, candidate, channel) or channel


def cool_down(moment: Moment, candidate: Candidate, channel: Channel) -> Refusal | None:
    """The same trigger went out to this customer not long ago, or may go out only once."""
    fired = moment.customer.fired.get(candidate.rule.name)
    if fired is None:
        return None
    if candidate.rule.once:
        return Refusal("cool_down", "only_once", channel)
    until = fired.at_ms + candidate.rule.cool_down_ms
    return Refusal("cool_down", "cool_down", channel, until) if moment.now_ms < until else None
