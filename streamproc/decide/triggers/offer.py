"""Triggers of the kind `offer`: the next best offer was chosen, and is to be sent."""

from typing import Literal

from streamproc.decide.moment import OFFERED, Moment, Values
from streamproc.decide.triggers.base import Candidate, TriggerRule


class OfferTrigger(TriggerRule):
    """Fires when one of `offers` was chosen for the customer, or any if none is named.

    The trigger's `correlation` is the id of the offer's record, `offer_id` says which offer it is.
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
        return self.candidate(moment, f"{offer.offer_id}/{offer.offer_decision_id}", values)

    def offer_of(self, correlation: str) -> str | None:
        """Which offer it is."""
        return correlation.rpartition("/")[0]
