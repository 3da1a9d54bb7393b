"""Choose the best offer mostly, and any with a small probability, so that more is learned of the others.

Source: R. Sutton and A. Barto, "Reinforcement Learning" (2018), section 2.2.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from streamproc.decide.moment import Moment
from streamproc.decide.offer_policies.base import OfferPolicy
from streamproc.decide.offer_rule import OfferRule


class EpsilonGreedy(OfferPolicy):
    """The offer with the highest `expected_reward`; with the probability `epsilon` any, that one included."""

    kind: Literal["epsilon_greedy"] = "epsilon_greedy"
    epsilon: Annotated[float, Field(ge=0, le=1)] = 0.1

    @property
    def label(self) -> str:
        """The kind with its epsilon."""
        return f"epsilon_greedy({self.epsilon})"

    def chances(self, candidates: Sequence[OfferRule], moment: Moment) -> dict[str, float]:  # noqa: ARG002
        """The best gets 1 - epsilon on top of its share of epsilon."""
        return probabilities(candidates, self.epsilon)


def probabilities(candidates: Sequence[OfferRule], epsilon: float) -> dict[str, float]:
    """Each candidate's probability; of the best ones with the same reward, the last by its id is the best."""
    best = max(candidates, key=lambda offer: (offer.expected_reward, offer.id)).id
    share = epsilon / len(candidates)
    return {offer.id: share + (1 - epsilon if offer.id == best else 0.0) for offer in candidates}
