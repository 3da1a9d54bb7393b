"""One at a time: what wants to be sent within a short window competes, and what is worth most is sent."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

ARBITRATION = "arbitration"
COLLECTING = "collecting"


@rule(ARBITRATION)
def arbitration(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none: wait until the window closes; then the first that is asked is the one."""
    settings, rule, now = wish.policy.arbitration, wish.candidate.rule, wish.moment.now_ms
    if not settings.window_ms or wish.is_transactional:
        return channels
    if wish.is_beaten:
        until_ms = now + settings.defer_ms if rule.loses == "defer" else None
        return Refusal(ARBITRATION, "outranked", channels[0], until_ms, waits=until_ms is not None)
    if wish.candidate.was_collected:
        return channels
    waiting = wish.moment.customer.waiting
    closes_ms = [each.until_ms for each in waiting if each.reason == COLLECTING and each.until_ms > now]
    return Refusal(ARBITRATION, COLLECTING, channels[0], min(closes_ms, default=now + settings.window_ms), waits=True)
