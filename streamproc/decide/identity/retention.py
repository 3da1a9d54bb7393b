"""How long somebody is remembered who never said who they are: guests' orders and anonymous visitors."""

from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.events.times import DAY_MS

FORGET = "forget"


def is_to_be_forgotten(moment: Moment, policy: PolicySettings) -> bool:
    """Whether the customer is forgotten now."""
    customer = moment.customer
    if customer.is_identified or customer.erased_ms is not None:
        return False
    return moment.is_due(FORGET) and moment.now_ms >= _due(moment, policy)


def forget_if_due(moment: Moment, policy: PolicySettings) -> Customer | None:
    """None if the customer is to be forgotten now; else the customer, with the timer set that asks again."""
    customer = moment.customer
    if customer.is_identified or customer.erased_ms is not None:
        moment.set_timer(FORGET, None)
        return customer
    if is_to_be_forgotten(moment, policy):
        return None
    moment.set_timer(FORGET, _due(moment, policy))
    return customer


def _due(moment: Moment, policy: PolicySettings) -> int:
    days = policy.guest_days if moment.customer.is_guest else policy.visitor_days
    return moment.customer.last_seen_ms + days * DAY_MS
