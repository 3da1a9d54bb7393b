"""What the customers of a simulated shop like: nobody but the simulation knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True)
class Taste:
    """How likely a click on an offer is: logistic in how much the customer spends and whether he looks around first.

    Both are between -1 and 1.
    """

    everybody: float
    spending: float = 0.0
    browsing: float = 0.0

    def chance(self, spending: float, browsing: float) -> float:
        """The probability of a click."""
        return 1 / (1 + exp(-(self.everybody + self.spending * spending + self.browsing * browsing)))


Truth = Mapping[str, Taste]
"""The taste in each offer by its id."""

PERSONAL: Truth = {
    "dear": Taste(-2.0, spending=1.8),
    "cheap": Taste(-2.0, spending=-1.8),
    "novelty": Taste(-2.0, browsing=1.6),
    "classic": Taste(-2.0, browsing=-1.6),
    "solid": Taste(-1.7),
    "pet_idea": Taste(-3.5),
}
"""Each offer has its friends, one is liked by all alike, and hardly anybody likes what the shop itself believes in."""

ALIKE: Truth = {
    "solid": Taste(-1.2),
    "dear": Taste(-2.2),
    "cheap": Taste(-2.2),
    "novelty": Taste(-2.2),
    "classic": Taste(-2.2),
    "pet_idea": Taste(-3.5),
}
"""Everybody likes the same: nothing is to be gained by choosing for each customer."""
