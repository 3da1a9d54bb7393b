"""Why a trigger would go out to a customer at a moment, or not: each thing that has a say, as it is asked.

The answers are those of the rules themselves, asked of the customer's state without anything that happened.
"""

from collections.abc import Iterator, Sequence

from streamproc.customer.features import Features
from streamproc.customer.messages.record import CHANNELS, Action
from streamproc.customer.sendings import RETRACTED, Sending
from streamproc.customer.state import Customer
from streamproc.decide.conditions import Condition
from streamproc.decide.conditions_in_words import answer_in_words, in_words
from streamproc.decide.finding import Finding
from streamproc.decide.messages.permit import asked
from streamproc.decide.messages.standing import NO_MODELS, moment_of, wish
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.decide.rules import Refusal
from streamproc.decide.triggers import TriggerRule
from streamproc.events.times import rfc3339
from streamproc.models.releases.bank import ModelBank

_MANY = 6


def explained(
    customer: Customer, rule: TriggerRule, plan: Plan, now_ms: int, bank: ModelBank = NO_MODELS
) -> tuple[Finding, ...]:
    """All findings about a trigger and a customer at a moment (epoch ms)."""
    moment = moment_of(customer, plan, now_ms, bank)
    return (
        *_occasion(rule, moment),
        *(_condition("where", each, moment.features) for each in rule.where),
        *(_condition("eligible", each, moment.features) for each in rule.eligible),
        *policy_of(rule, moment, plan),
        *_history(rule, customer, plan),
    )


def would_be_sent(findings: Sequence[Finding]) -> bool:
    """Whether nothing holds the trigger back, if its occasion comes."""
    return all(each.holds is not False for each in findings)


def _occasion(rule: TriggerRule, moment: Moment) -> Iterator[Finding]:
    wakes = ", ".join(sorted(rule.wakes_on)) if len(rule.wakes_on) <= _MANY else "any event"
    yield Finding("occasion", f"{rule.kind}: {wakes}", rule.description or "no description")
    if (due_ms := moment.customer.timers.get(rule.timer)) is not None:
        yield Finding("occasion", "its delay", f"runs out at {rfc3339(due_ms)}")
    yield from rule.occasion(moment)


def _condition(table: str, condition: Condition, features: Features) -> Finding:
    what = f"{table}: {in_words(condition)}"
    return Finding("condition", what, answer_in_words(condition, features), condition.check(features))


def policy_of(rule: TriggerRule, moment: Moment, plan: Plan) -> Iterator[Finding]:
    """What each rule of the policy says of a message, until one refuses."""
    for name, answer in asked(wish(plan, moment, rule)):
        if isinstance(answer, Refusal):
            detail = f" ({answer.detail})" if answer.detail else ""
            since = f", since {rfc3339(answer.since_ms)}" if answer.since_ms is not None else ""
            until = f", until {rfc3339(answer.until_ms)}" if answer.until_ms is not None else ""
            waits = "; it would wait" if answer.waits else ""
            yield Finding("policy", name, f"{answer.reason}{detail}{since}{until}{waits}", holds=False)
        else:
            yield Finding("policy", name, f"leaves {', '.join(answer)}", holds=True)


def _history(rule: TriggerRule, customer: Customer, plan: Plan) -> Iterator[Finding]:
    for each in customer.waiting:
        if each.trigger == rule.name:
            said = f"put off ({each.reason}) until {rfc3339(each.until_ms)}"
            yield Finding("history", f"occasion of {rfc3339(each.since_ms)}", said)
    if (reason := customer.refused.get(rule.name)) is not None:
        yield Finding("history", "refused last", f"{reason}; it is tried again with each event")
    for sending in customer.sendings.records:
        if sending.trigger == rule.name:
            yield Finding("history", f"sent at {rfc3339(sending.at_ms)}", came_of(sending))
    if plan.policy.holdout.percent:
        bucket = plan.policy.holdout.bucket(customer.key)
        yield Finding("history", "bucket of the holdout", f"{bucket} of 10000, salt {plan.policy.holdout.salt}")


def came_of(sending: Sending) -> str:
    """How a trigger went out, and what was told of it since."""
    came = [action.name.lower() for action in Action if sending.came & 1 << action]
    taken_back = ["taken back"] if sending.came & RETRACTED else []
    return f"by {CHANNELS[sending.channel]}; {', '.join((*came, *taken_back)) or 'nothing told of it yet'}"
