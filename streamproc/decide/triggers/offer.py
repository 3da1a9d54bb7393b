"""Triggers of the kind `offer`: the next best offer was chosen, and is to be sent."""

from typing import Literal

from streamproc.decide.moment import OFFERED, Moment, Values
from streamproc.decide.triggers.base import Candidate, TriggerRule
from streamproc.events.times import rfc3339


class OfferTrigger(TriggerRule):
    """Fires when one of `offers` was chosen for the customer, or any if none is named.

    The trigger's `correlation` is the offer and when it was chosen, its `offer_id` which offer it is. A click that
    names the trigger, or its message, is a click on the offer.
    """

    kind: Literal["offer"]
    offers: tuple[str, ...] = ()

    @property
    def wakes_on(self) -> frozenset[str]:
        """A chosen offer."""
        return frozenset((OFFERED,))

    def consider(self, moment: Moment) -> Candidate | None:
        """Fire if it is one of the offers, and the conditions hold."""
        offer = moment.offer
        if offer is None or (self.offers and offer.offer_id not in self.offers) or not self.fits(moment):
            return None
        values: Values = {"propensity": round(offer.propensity, 6)}
        return self.candidate(moment, correlation_of(offer.offer_id, moment.now_ms), values)

    def offer_of(self, correlation: str) -> str | None:
        """Which offer it is."""
        return correlation.rpartition("/")[0]


def correlation_of(offer_id: str, chosen_ms: int) -> str:
    """What the trigger of a chosen offer is about.

    >>> correlation_of("gift", 0)
    'gift/1970-01-01T00:00:00Z'
    """
    return f"{offer_id}/{rfc3339(chosen_ms)}"
