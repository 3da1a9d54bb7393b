"""The message is for others: the trigger's own `eligible` conditions do not hold of the customer."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

ELIGIBILITY = "eligibility"


@rule(ELIGIBILITY)
def eligibility(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none."""
    is_eligible = wish.candidate.rule.is_for(wish.moment)
    return channels if is_eligible else Refusal(ELIGIBILITY, "not_eligible", channels[0])
