"""Not about what is long ago: history that is sent today is known from then on, and nobody is written to about it."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

STALE = "stale"


@rule(STALE)
def stale(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none."""
    is_stale = wish.moment.is_stale(wish.candidate.rule.max_age_ms)
    return Refusal(STALE, STALE, channels[0], is_over=True) if is_stale else channels
