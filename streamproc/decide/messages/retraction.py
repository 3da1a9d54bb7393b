"""Triggers that turn out to be wrong: late truth says that the order had been placed before the reminder went out.

A trigger can be taken back as long as it has not expired. Only what is told of the time before it can show that it was
wrong; what happens afterwards makes nothing of it untrue.
"""

from streamproc.customer.sendings import AT_MS, RETRACTED, Sending, replaced
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.events.decisions import Retraction
from streamproc.events.log import TimerDue


def retractions(moment: Moment, plan: Plan) -> list[Retraction]:
    """What the entry shows to have been wrong."""
    customer, entry = moment.customer, moment.entry
    rows = customer.sendings.rows
    if not rows or entry.at_ms >= rows[-1][AT_MS] or isinstance(entry.event, TimerDue):
        return []
    said = []
    for sending in customer.sendings.records:
        rule = plan.trigger_by_name.get(sending.trigger)
        if rule is None or sending.came & RETRACTED or not can_be_taken_back(moment, sending):
            continue
        if moment.happened in rule.wakes_on and rule.was_wrong(moment, sending):
            said.append(take_back(moment, sending))
    return said


def can_be_taken_back(moment: Moment, sending: Sending) -> bool:
    """Whether the entry is of the time before it went out, and it has not expired."""
    entry = moment.entry
    return entry.at_ms <= sending.at_ms and entry.known_ms <= sending.expires_ms


def take_back(moment: Moment, sending: Sending) -> Retraction:
    """The trigger counts for nothing from now on: not for its cool-down, nor for a cap, unless it has left."""
    customer = moment.customer
    customer.sendings = replaced(customer.sendings, sending, sending._replace(came=sending.came | RETRACTED))
    fired = customer.fired.get(sending.trigger)
    if fired is not None and fired.at_ms == sending.at_ms:
        customer.fired = {name: known for name, known in customer.fired.items() if name != sending.trigger}
    return Retraction(
        trigger_id=sending.trigger_id,
        trigger=sending.trigger,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        reason="late_event",
        because=moment.happened,
        at=moment.at,
        plan_version=moment.plan_version,
        position=moment.entry.position,
    )
