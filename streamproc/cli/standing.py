"""Whether a customer may be written to, and why not, in a marketer's words."""

from rich.table import Table

from streamproc.customer.state import Customer
from streamproc.decide.messages.standing import NO_MODELS, standings
from streamproc.decide.plan import Plan
from streamproc.decide.rules import Refusal
from streamproc.events.email import Channel
from streamproc.events.times import rfc3339
from streamproc.models.releases.bank import ModelBank

_WORDS = {
    "hard_bounce": "a message came back for good; until one is delivered, the address is new, or it is allowed afresh",
    "soft_bounces": "the last messages could not be delivered",
    "cool_down": "the same message went out",
    "only_once": "the same message went out, and does so only once",
    "stale": "it happened too long ago",
    "on_suppression_list": "the customer is on the suppression list",
    "held_out": "the customer is of the control group, which gets no marketing",
    "not_eligible": "the message is for others",
    "capped": "as much was sent as a cap allows",
    "quiet_hours": "it is night where the customer is; it waits",
    "outranked": "something else was worth more",
    "collecting": "it waits for others to compete with",
    "campaign_sent": "the campaign has sent its message",
    "over": "what it was about has ended",
    "expired": "it waited until it was good for nothing",
    "rule_gone": "the configuration has no such trigger any more",
}
"""The reasons of refusals; that of a missing consent depends on whether anything was said."""


def table_of(known: Customer, plan: Plan, now_ms: int, bank: ModelBank = NO_MODELS) -> Table:
    """What the policy would say at a moment (epoch ms)."""
    title = f"the policy at {rfc3339(now_ms)}"
    table = Table("message", "may it be sent?", box=None, title=title, title_justify="left")
    for message, answer in standings(known, plan, now_ms, bank):
        table.add_row(message, in_words(answer))
    return table


def in_words(answer: Channel | Refusal) -> str:
    """An answer of the policy, with since when and until when.

    >>> in_words("sms")
    'yes, by sms'
    >>> in_words(Refusal("cool_down", "cool_down", "email", until_ms=86_400_000, since_ms=0))
    'no: the same message went out (since 1970-01-01T00:00:00Z, until 1970-01-02T00:00:00Z)'
    """
    if not isinstance(answer, Refusal):
        return f"yes, by {answer}"
    times = (("since", answer.since_ms), ("until", answer.until_ms))
    when = ", ".join(f"{word} {rfc3339(at_ms)}" for word, at_ms in times if at_ms is not None)
    detail = f" [{answer.detail}]" if answer.detail else ""
    return f"no: {_reason(answer)}{detail}" + (f" ({when})" if when else "")


def _reason(refusal: Refusal) -> str:
    if refusal.reason == "no_consent":
        return "the customer has not allowed it" if refusal.since_ms is None else "the customer has refused it"
    return _WORDS.get(refusal.reason, refusal.reason.replace("_", " "))
