"""It would not arrive: the channel bounced, for good or several times in a row, and nothing went well since then."""

from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.reach import NEVER
from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.decide.rules.base import Channels, Refusal, Wish, rule
from streamproc.events.email import Channel
from streamproc.events.times import DAY_MS

UNDELIVERABLE = "undeliverable"


@rule(UNDELIVERABLE)
def undeliverable(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave the channels that reach the customer."""
    purpose = wish.candidate.rule.cap_class
    refused = {each: unreachable(wish.moment, wish.policy, purpose, each) for each in channels}
    left = tuple(each for each in channels if refused[each] is None)
    return left or refused[channels[0]] or channels


def unreachable(moment: Moment, policy: PolicySettings, purpose: str, channel: Channel) -> Refusal | None:
    """Why a channel does not reach the customer now; None: as far as is known it does."""
    known = moment.customer.reach.get(channel)
    if known is None:
        return None
    well_ms = max(known.mended_ms, _opted_in(moment.customer, purpose, channel))
    if known.hard_ms > well_ms:
        return Refusal(UNDELIVERABLE, "hard_bounce", channel, since_ms=known.hard_ms)
    in_a_row = [at_ms for at_ms in known.soft if at_ms > well_ms]
    if len(in_a_row) < policy.soft_bounces:
        return None
    until_ms = in_a_row[-1] + policy.soft_bounce_days * DAY_MS
    return Refusal(UNDELIVERABLE, "soft_bounces", channel, until_ms, in_a_row[-1]) if moment.now_ms < until_ms else None


def _opted_in(customer: Customer, purpose: str, channel: str) -> int:
    said = customer.consents.get(consent_key(purpose, channel))
    return said.at_ms if said is not None and said.granted else NEVER
