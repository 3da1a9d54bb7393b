"""The customer has allowed it: no message goes by a channel that their consent does not cover."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

CONSENT = "consent"


@rule(CONSENT, rank=10)
def consent(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave the channels that the customer's consent covers."""
    customer, purpose = wish.moment.customer, wish.candidate.rule.cap_class
    allowed = tuple(each for each in channels if wish.policy.allows(customer, purpose, each))
    return allowed or Refusal(CONSENT, "no_consent")
