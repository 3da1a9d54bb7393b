"""Choose the offer that may be worth most: what is hardly known is tried until it is.

Source: L. Li et al., "A Contextual-Bandit Approach to Personalized News Article Recommendation" (2010), algorithm 1.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies.base import Chances, OfferPolicy, greedy


class LinUcb(OfferPolicy):
    """The offer with the highest upper bound, `alpha` standard deviations above what it is expected to be worth.

    A share `explore` is chosen at random: only so does the log say what other policies would have earned.
    """

    kind: Literal["lin_ucb"] = "lin_ucb"
    needs_model: ClassVar[bool] = True
    alpha: Annotated[float, Field(ge=0, le=100)] = 1.0
    explore: Annotated[float, Field(ge=0, le=1)] = 0.05

    @property
    def label(self) -> str:
        """The kind with its alpha."""
        return f"lin_ucb({self.alpha}, explore {self.explore})"

    def chances(self, candidates: Sequence[OfferCandidate]) -> Chances:
        """The highest bound gets all that is not explored."""
        return greedy(candidates, lambda each: each.worth.mean + self.alpha * each.worth.deviation, self.explore)
