"""What the policy would say of a customer at a moment, asked without anything that happened."""

from collections.abc import Iterator
from typing import NamedTuple, get_args

from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.permit import permit
from streamproc.decide.plan import Plan
from streamproc.decide.rules import Refusal, Wish
from streamproc.decide.rules.arbitration import COLLECTING
from streamproc.decide.triggers import Candidate, TriggerRule
from streamproc.events.email import Channel
from streamproc.events.log import LogEntry, TimerDue
from streamproc.events.profile import MARKETING, TRANSACTIONAL
from streamproc.models.bank import ModelBank

ASKED = "asked"


class Standing(NamedTuple):
    """Whether a message may be sent: by the channel that is named, or why not.

    Attributes:
        message: which one: a trigger of the plan, or any message of a purpose by a channel.
    """

    message: str
    answer: Channel | Refusal


def standings(customer: Customer, plan: Plan, now_ms: int) -> Iterator[Standing]:
    """The answers for each purpose and channel, and for each trigger, by the rules of the policy themselves."""
    entry = LogEntry(customer.key, now_ms, ASKED, customer.applied_offset, TimerDue(ASKED))
    moment = Moment(customer, customer, entry, ModelBank(b"", {}), plan.version, plan.functions)
    for purpose in (MARKETING, TRANSACTIONAL):
        for channel in get_args(Channel):
            answer = permit(Wish(plan.policy, moment, _wish(_any_message(purpose, channel))))
            yield Standing(f"{purpose} by {channel}", answer)
    for rule in plan.triggers.trigger:
        yield Standing(rule.name, permit(Wish(plan.policy, moment, _wish(rule))))


def _wish(rule: TriggerRule) -> Candidate:
    """As if it had competed with others and won."""
    return Candidate(rule, ASKED, {}, was_put_off=COLLECTING)


def _any_message(purpose: str, channel: Channel) -> TriggerRule:
    settings = {"name": ASKED, "kind": "event", "on": ["sent"], "cap_class": purpose, "channels": [channel]}
    rule: TriggerRule = TriggerRule.read(settings)
    return rule
