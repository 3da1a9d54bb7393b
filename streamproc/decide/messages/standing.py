"""What the policy would say of a customer at a moment, asked without anything that happened."""

from collections.abc import Iterator
from typing import NamedTuple, get_args

from streamproc.customer.state import Customer
from streamproc.decide.messages.permit import permit
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.decide.rules import Refusal, Wish
from streamproc.decide.rules.arbitration import COLLECTING
from streamproc.decide.triggers import Candidate, TriggerRule
from streamproc.events.email import Channel
from streamproc.events.log import LogEntry, TimerDue
from streamproc.events.profile import MARKETING, TRANSACTIONAL
from streamproc.models.releases.bank import ModelBank

ASKED = "asked"
NO_MODELS = ModelBank(b"", {})
"""Nothing is released."""


class Standing(NamedTuple):
    """Whether a message may be sent: by the channel that is named, or why not.

    Attributes:
        message: which one: a trigger of the plan, or any message of a purpose by a channel.
    """

    message: str
    answer: Channel | Refusal


def standings(customer: Customer, plan: Plan, now_ms: int, bank: ModelBank = NO_MODELS) -> Iterator[Standing]:
    """The answers for each purpose and channel, and for each trigger, by the rules of the policy themselves."""
    moment = moment_of(customer, plan, now_ms, bank)
    for purpose in (MARKETING, TRANSACTIONAL):
        for channel in get_args(Channel):
            answer = permit(wish(plan, moment, _any_message(purpose, channel)))
            yield Standing(f"{purpose} by {channel}", answer)
    for rule in plan.triggers.trigger:
        yield Standing(rule.name, permit(wish(plan, moment, rule)))


def moment_of(customer: Customer, plan: Plan, now_ms: int, bank: ModelBank = NO_MODELS) -> Moment:
    """A moment at which nothing happens."""
    entry = LogEntry(customer.key, now_ms, ASKED, customer.applied_offset, TimerDue(ASKED))
    return Moment(customer, customer, entry, bank, plan.version, plan.functions)


def wish(plan: Plan, moment: Moment, rule: TriggerRule) -> Wish:
    """The wish to send, as if it had competed with others and won."""
    return Wish(plan.policy, moment, Candidate(rule, ASKED, {}, was_put_off=COLLECTING))


def _any_message(purpose: str, channel: Channel) -> TriggerRule:
    settings = {"name": ASKED, "kind": "event", "on": ["sent"], "cap_class": purpose, "channels": [channel]}
    rule: TriggerRule = TriggerRule.read(settings)
    return rule
