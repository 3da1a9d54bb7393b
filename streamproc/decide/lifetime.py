"""How long somebody is remembered who never said who they are: guests' orders and anonymous visitors."""

from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.events.times import DAY_MS

FORGET = "forget"


def is_over(moment: Moment, policy: PolicySettings) -> bool:
    """Whether the customer is to be forgotten now; sets the timer that asks again."""
    customer = moment.customer
    if customer.is_identified:
        moment.set_timer(FORGET, None)
        return False
    days = policy.guest_days if customer.is_guest else policy.visitor_days
    due = customer.last_seen_ms + days * DAY_MS
    if moment.is_due(FORGET) and moment.now_ms >= due:
        return True
    moment.set_timer(FORGET, due)
    return False
