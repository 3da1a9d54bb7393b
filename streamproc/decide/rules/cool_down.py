"""Not again so soon: the same trigger went out to this customer not long ago, or may go out only once."""

from streamproc.customer.sendings import RETRACTED, key_of
from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

COOL_DOWN = "cool_down"


@rule(COOL_DOWN)
def cool_down(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none."""
    trigger, now = wish.candidate.rule, wish.moment.now_ms
    fired_ms = _of_key(wish) if trigger.cool_down_per == "key" else _of_customer(wish)
    if fired_ms is None:
        return channels
    if trigger.once:
        return Refusal(COOL_DOWN, "only_once", channels[0], since_ms=fired_ms)
    until = fired_ms + trigger.cool_down_ms
    if now >= until:
        return channels
    return Refusal(COOL_DOWN, "cool_down", channels[0], until, fired_ms, waits=trigger.defer)


def _of_customer(wish: Wish) -> int | None:
    fired = wish.moment.customer.fired.get(wish.candidate.rule.name)
    return None if fired is None else fired.at_ms


def _of_key(wish: Wish) -> int | None:
    """When the trigger went out last about the same cart, order or product."""
    name, key = wish.candidate.rule.name, key_of(wish.candidate.correlation)
    times = [
        each.at_ms
        for each in wish.moment.customer.sendings
        if each.trigger == name and each.key == key and not each.came & RETRACTED
    ]
    return max(times, default=None)
