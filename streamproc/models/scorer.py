"""What released versions say: they never learn again, so what they need is looked up once."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

Model: TypeAlias = Any
"""What learns: of the class that a learner or a kind makes; only that one looks into it."""


class Said(NamedTuple):
    """What a version says of a customer.

    Attributes:
        value: how likely it is, or how much it will be, in the unit of the label.
        reasons: the features that moved it most, each with the direction.
        low, high: four of five lie between them; None: the version does not say.
    """

    value: float
    reasons: tuple[str, ...]
    low: float | None = None
    high: float | None = None


class Scorer(Protocol):
    """A released version that says something of a customer."""

    def score(self, features: Mapping[str, float]) -> Said:
        """What it says of one with these features."""
        ...

    def per_deviation(self) -> Mapping[str, float]:
        """What one standard deviation more of a feature adds, by its name: to the log odds, or to the number.

        Of three quantiles, to the middle one's log(1 + number). Features that say nothing are left out.
        """
        ...


class Estimate(NamedTuple):
    """A normal distribution of what is believed."""

    mean: float
    deviation: float


class RewardScorer(Protocol):
    """A released version that says what an offer is worth to try: it never learns again."""

    def estimate(self, offer: str, features: Mapping[str, float]) -> Estimate | None:
        """What an offer is expected to bring, or None if nothing was ever learned of it."""
        ...
