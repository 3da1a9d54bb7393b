"""One event, one customer, one answer: read this page first.

`step` is a pure function of its arguments: no clock, no randomness, no Kafka. The live worker, a replay and a test
call the same function and get the same answer.
"""

from streamproc.customer.folds import fold, is_repeated
from streamproc.customer.state import Customer, Fired
from streamproc.decide.facts import facts_of
from streamproc.decide.lifetime import is_over
from streamproc.decide.moment import Moment
from streamproc.decide.offers import choose_offer
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.policy import PolicySettings, allowed_channel, refusal
from streamproc.decide.questions import answer_questions, ask_question, overdue_question
from streamproc.decide.segments import update_segments
from streamproc.decide.triggers import Candidate
from streamproc.events.decisions import Suppression, Trigger
from streamproc.events.log import Entry, TimerDue
from streamproc.events.times import HOUR_MS, rfc3339
from streamproc.models.bank import ModelBank


def step(state: Customer | None, entry: Entry, plan: Plan, bank: ModelBank) -> Outcome:
    """What one entry of the customer log does to one customer."""
    if is_repeated(state, entry):
        return Outcome(state, is_repeat=True)
    if (overdue := overdue_question(state, entry)) is not None:
        asked = step(state, overdue, plan, bank)
        return asked.then(step(asked.customer, entry, plan, bank))
    customer = fold(state, entry)
    if customer.is_guest:
        plan = plan.for_guests
    moment = Moment(state, customer, entry, bank, plan.version)
    timer = take_timer(moment)

    examples = answer_questions(moment, plan.models.churn)
    score = None if customer.is_guest else ask_question(moment, plan.models.churn)
    changes = update_segments(moment, plan.segments)
    candidates = [rule.consider(moment) for rule in plan.rules_for(entry.event.type, timer)]
    messages = [decide(moment, candidate, plan.policy) for candidate in candidates if candidate is not None]
    offer = choose_offer(moment, plan.offers, plan.policy)

    decisions = (*([score] if score else []), *changes, *messages, *([offer] if offer else []))
    facts = facts_of(moment, decisions, examples)
    remembered = None if is_over(moment, plan.policy) else customer
    return Outcome(remembered, decisions, examples, facts)


def take_timer(moment: Moment) -> str | None:
    """The timer that ran out, if the entry is one; it is taken out of the state."""
    event = moment.entry.event
    if not isinstance(event, TimerDue):
        return None
    moment.set_timer(event.name, None)
    return event.name


def decide(moment: Moment, candidate: Candidate, policy: PolicySettings) -> Trigger | Suppression:
    """Send, or say why not."""
    rule = candidate.rule
    refused = refusal(policy, moment, candidate)
    channel = allowed_channel(policy, moment, candidate)
    if refused is not None or channel is None:
        return Suppression(
            suppression_id=moment.decision_id(f"trigger:{rule.name}"),
            trigger=rule.name,
            customer_id=moment.subject.customer_id,
            anonymous_id=moment.subject.anonymous_id,
            reason=refused.reason if refused else "no_consent",
            rule=refused.rule if refused else "consent",
            channel=channel,
            until=rfc3339(refused.until_ms) if refused and refused.until_ms is not None else None,
            at=moment.at,
            plan_version=moment.plan_version,
            position=moment.entry.position,
        )
    moment.customer.fired = {**moment.customer.fired, rule.name: Fired(moment.now_ms, candidate.correlation)}
    expires = None if rule.expires_hours is None else rfc3339(moment.now_ms + round(rule.expires_hours * HOUR_MS))
    return Trigger(
        trigger_id=moment.decision_id(f"trigger:{rule.name}"),
        trigger=rule.name,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        channel=channel,
        at=moment.at,
        expires_at=expires,
        priority=rule.priority,
        cap_class=rule.cap_class,
        content=rule.content,
        correlation=candidate.correlation,
        plan_version=moment.plan_version,
        model_version=next((scored.model_version for scored in moment.scored.values()), None),
        position=moment.entry.position,
        values=dict(candidate.values),
    )
