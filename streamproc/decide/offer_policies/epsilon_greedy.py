"""Choose the best offer mostly, and any with a small probability, so that more is learned of the others.

Source: R. Sutton and A. Barto, "Reinforcement Learning" (2018), section 2.2.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies.base import Chances, OfferPolicy, greedy


class EpsilonGreedy(OfferPolicy):
    """The offer that is worth most as far as is known; with the probability `epsilon` any, that one included."""

    kind: Literal["epsilon_greedy"] = "epsilon_greedy"
    epsilon: Annotated[float, Field(ge=0, le=1)] = 0.1

    @property
    def label(self) -> str:
        """The kind with its epsilon."""
        return f"epsilon_greedy({self.epsilon})"

    def chances(self, candidates: Sequence[OfferCandidate]) -> Chances:
        """The best gets 1 - epsilon on top of its share of epsilon."""
        return greedy(candidates, lambda each: each.worth.mean, self.epsilon)
