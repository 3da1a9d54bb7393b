"""It would not arrive: the channel bounced, for good or several times in a row, and nothing went well since then."""

from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.reach import NEVER, Reach
from streamproc.customer.state import Customer
from streamproc.decide.policy import PolicySettings
from streamproc.decide.rules.base import Channels, Refusal, Wish, rule
from streamproc.events.email import Channel
from streamproc.events.times import DAY_MS

UNDELIVERABLE = "undeliverable"


@rule(UNDELIVERABLE, rank=5)
def undeliverable(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave the channels that reach the customer."""
    refused = {each: _why(wish, each) for each in channels}
    left = tuple(each for each in channels if refused[each] is None)
    return left or refused[channels[0]] or channels


def _why(wish: Wish, channel: Channel) -> Refusal | None:
    customer, policy = wish.moment.customer, wish.policy
    known = customer.reach.get(channel)
    if known is None:
        return None
    well_ms = max(known.mended_ms, _opted_in(customer, wish.candidate.rule.cap_class, channel))
    if known.hard_ms > well_ms:
        return Refusal(UNDELIVERABLE, "hard_bounce", channel)
    until_ms = _soft_until(known, well_ms, policy)
    if wish.moment.now_ms < until_ms:
        return Refusal(UNDELIVERABLE, "soft_bounces", channel, until_ms)
    return None


def _opted_in(customer: Customer, purpose: str, channel: str) -> int:
    said = customer.consents.get(consent_key(purpose, channel))
    return said.at_ms if said is not None and said.granted else NEVER


def _soft_until(known: Reach, well_ms: int, policy: PolicySettings) -> int:
    """Until when so many bounces in a row keep messages back."""
    in_a_row = [at_ms for at_ms in known.soft if at_ms > well_ms]
    if len(in_a_row) < policy.soft_bounces:
        return NEVER
    return in_a_row[-1] + policy.soft_bounce_days * DAY_MS
