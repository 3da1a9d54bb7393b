"""The customer has allowed it: no message goes by a channel that their consent does not cover."""

from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.state import Customer
from streamproc.decide.rules.base import Channels, Refusal, Wish, rule
from streamproc.events.email import Channel

CONSENT = "consent"


@rule(CONSENT)
def consent(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave the channels that the customer's consent covers."""
    customer, purpose = wish.moment.customer, wish.candidate.rule.cap_class
    allowed = tuple(each for each in channels if wish.policy.allows(customer, purpose, each))
    return allowed or Refusal(CONSENT, "no_consent", since_ms=_refused_ms(customer, purpose, channels[0]))


def _refused_ms(customer: Customer, purpose: str, channel: Channel) -> int | None:
    said = customer.consents.get(consent_key(purpose, channel))
    return None if said is None else said.at_ms
