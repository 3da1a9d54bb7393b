"""How long somebody is remembered who never said who they are: guests' orders and anonymous visitors."""

from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.events.times import DAY_MS

FORGET = "forget"


def forget_if_due(moment: Moment, policy: PolicySettings) -> Customer | None:
    """None if the customer is to be forgotten now; else the customer, with the timer set that asks again."""
    customer = moment.customer
    if customer.is_identified or customer.erased_ms is not None:
        moment.set_timer(FORGET, None)
        return customer
    days = policy.guest_days if customer.is_guest else policy.visitor_days
    due = customer.last_seen_ms + days * DAY_MS
    if moment.is_due(FORGET) and moment.now_ms >= due:
        return None
    moment.set_timer(FORGET, due)
    return customer
