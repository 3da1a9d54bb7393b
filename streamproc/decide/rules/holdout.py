"""The control group of all marketing: what would have been sent to them is recorded, and not sent."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

HOLDOUT = "holdout"


@rule(HOLDOUT)
def holdout(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none; the refusal says by which salt the customer was drawn."""
    settings = wish.policy.holdout
    if wish.is_transactional or not settings.has(wish.moment.customer.key):
        return channels
    return Refusal(HOLDOUT, "held_out", channels[0], detail=settings.salt)
