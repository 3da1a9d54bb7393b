"""A campaign says a thing once: by one channel of all."""

from streamproc.customer.sendings import key_of
from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

CAMPAIGN = "campaign"


@rule(CAMPAIGN)
def campaign(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none."""
    name = wish.candidate.rule.campaign
    if name is None:
        return channels
    key = key_of(name)
    sent = [each.left_ms for each in wish.moment.customer.sendings if each.counts and each.campaign == key]
    return Refusal(CAMPAIGN, "campaign_sent", channels[0], since_ms=min(sent), detail=name) if sent else channels
