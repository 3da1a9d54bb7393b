"""What triggers want to send, and what becomes of it: it goes out, is refused, or waits and is decided again.

What is put off waits in the customer's state with one timer for all of it. What waits is decided exactly once: it goes
out, is refused, or is put off anew; each of these is a record.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from streamproc.customer.messages.record import CHANNELS
from streamproc.customer.sendings import SENDING_PURPOSES, Sending, key_of, with_sending
from streamproc.customer.state import MAX_WAITING, Customer, Fired, Waiting
from streamproc.decide.best_contact import best_contact
from streamproc.decide.messages.permit import permit
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.decide.rules import Refusal, Wish
from streamproc.decide.triggers import Candidate, TriggerRule
from streamproc.events.decisions import Suppression, Trigger
from streamproc.events.email import Channel
from streamproc.events.times import DAY_MS, rfc3339

WAITING = "waiting"
"""The timer of what is put off."""

RETRACTABLE_MS = 2 * DAY_MS
"""How long a trigger that never expires may be retracted."""

Said = Trigger | Suppression


def say(moment: Moment, wishes: Sequence[Candidate], plan: Plan) -> list[Said]:
    """Decide what rules wish to send now, and what has waited until now; what is worth most first."""
    if not wishes and not moment.customer.waiting:
        return []
    said: list[Said] = []
    due = [each for each in moment.customer.waiting if each.until_ms <= moment.now_ms] if moment.is_due(WAITING) else []
    if due:
        moment.customer.waiting = tuple(each for each in moment.customer.waiting if each not in due)
        wishes = [*wishes, *_woken(moment, due, plan, said)]
    is_beaten = False
    for candidate in sorted(wishes, key=lambda each: -each.rule.worth(moment)):
        answer = _decide(moment, candidate, plan, is_beaten=is_beaten)
        if answer is not None:
            said.append(answer)
        is_beaten |= isinstance(answer, Trigger) and candidate.rule.cap_class == "marketing"
    _set_timer(moment)
    return said


def _woken(moment: Moment, due: Iterable[Waiting], plan: Plan, said: list[Said]) -> Iterator[Candidate]:
    """What is decided again; what is over by now is refused at once."""
    for each in due:
        rule = plan.rule_of(moment.customer, each)
        if rule is None:
            said.append(_suppression(moment, each.trigger, each.correlation, Refusal(WAITING, "rule_gone")))
        elif (reason := _over(moment, rule, each)) is not None:
            rule.was_refused(moment)
            refusal = Refusal(WAITING, reason, rule.channels[0])
            said.append(_suppression(moment, rule.name, each.correlation, refusal, rule.of_step))
        else:
            known = rule.candidate(moment, each.correlation, rule.values_now(moment, each))
            yield replace(known, since_ms=each.since_ms, was_put_off=each.reason)


def _over(moment: Moment, rule: TriggerRule, waiting: Waiting) -> str | None:
    if rule.expires_ms is not None and moment.now_ms >= waiting.since_ms + rule.expires_ms:
        return "expired"
    return None if rule.still_holds(moment, waiting) else "over"


def _decide(moment: Moment, candidate: Candidate, plan: Plan, *, is_beaten: bool) -> Said | None:
    """Send, or say why not; None: it waits already, or was refused for the same reason and stands as it was."""
    rule, customer = candidate.rule, moment.customer
    if is_put_off(customer, rule.name, candidate.correlation):
        return None
    permitted = permit(Wish(plan.policy, moment, candidate, is_beaten))
    if not isinstance(permitted, Refusal):
        return _sent(moment, candidate, permitted, plan)
    if permitted.waits and len(customer.waiting) >= MAX_WAITING:
        permitted = replace(permitted, waits=False, detail="too_many_waiting")
    if permitted.waits and permitted.until_ms is not None:
        customer.waiting = (*customer.waiting, _waiting(moment, candidate, permitted.reason, permitted.until_ms))
    elif not permitted.is_over:
        rule.was_refused(moment)
        if rule.stays_armed and _refused_alike(customer, rule.name, permitted.reason) and not candidate.was_put_off:
            return None
    return _suppression(moment, rule.name, candidate.correlation, permitted, rule.of_step)


def is_put_off(customer: Customer, trigger: str, correlation: str) -> bool:
    """Whether it waits."""
    return any(each.trigger == trigger and each.correlation == correlation for each in customer.waiting)


def called_off(moment: Moment, trigger: str, correlation: str, step: str | None) -> Suppression | None:
    """What waits of it does so no more: the record of that, if anything does."""
    customer = moment.customer
    if not is_put_off(customer, trigger, correlation):
        return None
    of_it = (trigger, correlation)
    customer.waiting = tuple(each for each in customer.waiting if (each.trigger, each.correlation) != of_it)
    _set_timer(moment)
    return _suppression(moment, trigger, correlation, Refusal(WAITING, "over"), step)


def _refused_alike(customer: Customer, name: str, reason: str) -> bool:
    """Whether it was refused for the same reason before; what stays armed is tried with each event."""
    if customer.refused.get(name) == reason:
        return True
    customer.refused = {**customer.refused, name: reason}
    return False


def _waiting(moment: Moment, candidate: Candidate, reason: str, until_ms: int) -> Waiting:
    numbers = {name: float(value) for name, value in candidate.values.items() if isinstance(value, int | float)}
    since_ms = moment.now_ms if candidate.since_ms is None else candidate.since_ms
    return Waiting(candidate.rule.name, candidate.correlation, since_ms, until_ms, reason, numbers)


def _set_timer(moment: Moment) -> None:
    moment.set_timer(WAITING, min((each.until_ms for each in moment.customer.waiting), default=None))


def _sent(moment: Moment, candidate: Candidate, channel: Channel, plan: Plan) -> Trigger:
    rule, customer, now = candidate.rule, moment.customer, moment.now_ms
    trigger_id = _decision_id(moment, rule.name, candidate.correlation, rule.of_step)
    since_ms = now if candidate.since_ms is None else candidate.since_ms
    expires_ms = None if rule.expires_ms is None else since_ms + rule.expires_ms
    customer.fired = {**customer.fired, rule.name: Fired(now, candidate.correlation)}
    customer.refused = {name: why for name, why in customer.refused.items() if name != rule.name}
    sending = Sending(
        trigger_id, now, rule.name, CHANNELS.index(channel), SENDING_PURPOSES.index(rule.cap_class),
        key_of(candidate.correlation), key_of(rule.campaign or ""), expires_ms or now + RETRACTABLE_MS,
        since_ms,
    )  # fmt: skip
    customer.sendings = with_sending(customer.sendings, sending)
    return Trigger(
        trigger_id=trigger_id,
        trigger=rule.name,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        channel=channel,
        at=moment.at,
        expires_at=None if expires_ms is None else rfc3339(expires_ms),
        priority=rule.priority,
        cap_class=rule.cap_class,
        content=rule.content,
        campaign=rule.campaign,
        offer_id=rule.offer_of(candidate.correlation),
        correlation=candidate.correlation,
        plan_version=moment.plan_version,
        model_version=next((scored.model_version for scored in moment.scored.values()), None),
        position=moment.entry.position,
        since=rfc3339(since_ms),
        values=dict(candidate.values),
        step=rule.of_step,
        **best_contact(moment, plan.policy.contact),
    )


def _decision_id(moment: Moment, trigger: str, correlation: str, step: str | None) -> str:
    about = f"trigger:{trigger}:{correlation}"
    return moment.decision_id(about if step is None else f"{about}:{step}")


def _suppression(
    moment: Moment, trigger: str, correlation: str, refusal: Refusal, step: str | None = None
) -> Suppression:
    return Suppression(
        suppression_id=_decision_id(moment, trigger, correlation, step),
        trigger=trigger,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        reason=refusal.reason,
        rule=refusal.rule,
        detail=refusal.detail,
        channel=refusal.channel,
        deferred=refusal.waits,
        until=None if refusal.until_ms is None else rfc3339(refusal.until_ms),
        correlation=correlation,
        at=moment.at,
        plan_version=moment.plan_version,
        position=moment.entry.position,
        step=step,
    )
