"""Choose an offer the more often, the more it is worth.

Source: R. Sutton and A. Barto, "Reinforcement Learning" (2018), section 2.8 (Boltzmann exploration).
"""

from collections.abc import Sequence
from math import exp
from typing import Annotated, Literal

from pydantic import Field

from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies.base import Chances, OfferPolicy, explored


class Softmax(OfferPolicy):
    """The odds of two offers are `exp(difference of what they are worth / temperature)`.

    A share `explore` is chosen at random.
    """

    kind: Literal["softmax"] = "softmax"
    temperature: Annotated[float, Field(gt=0, le=1_000_000)] = 0.1
    explore: Annotated[float, Field(ge=0, le=1)] = 0.02

    @property
    def label(self) -> str:
        """The kind with its temperature."""
        return f"softmax({self.temperature}, explore {self.explore})"

    def chances(self, candidates: Sequence[OfferCandidate]) -> Chances:
        """Each candidate's share of the sum of all odds."""
        best = max(each.worth.mean for each in candidates)
        odds = {each.offer.id: exp((each.worth.mean - best) / self.temperature) for each in candidates}
        total = sum(odds.values())
        return explored({offer: part / total for offer, part in odds.items()}, self.explore)
