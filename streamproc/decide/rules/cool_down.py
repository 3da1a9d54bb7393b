"""Not again so soon: the same trigger went out to this customer not long ago, or may go out only once."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

COOL_DOWN = "cool_down"


@rule(COOL_DOWN, rank=50)
def cool_down(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none."""
    trigger, now = wish.candidate.rule, wish.moment.now_ms
    fired = wish.moment.customer.fired.get(trigger.name)
    if fired is None:
        return channels
    if trigger.once:
        return Refusal(COOL_DOWN, "only_once", channels[0], since_ms=fired.at_ms)
    until = fired.at_ms + trigger.cool_down_ms
    return Refusal(COOL_DOWN, "cool_down", channels[0], until, fired.at_ms) if now < until else channels
