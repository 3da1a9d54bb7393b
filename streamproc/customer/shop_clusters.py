"""Into which clusters the customers of the shop fall: what a single one is put beside.

learn finds them out of samples (`models/kinds/clusters.py`) and releases them in versions, so that a replay finds the
same ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import copysign, log1p

Point = Sequence[float]
"""A place among the customers: a number for each feature."""


def squeezed(value: float) -> float:
    """A number as distances count it: from 1 to 2 is as far as from 3 to 5, so that a few large ones do not decide all.

    >>> squeezed(0.0), round(squeezed(-1.0), 3)
    (0.0, -0.693)
    """
    return copysign(log1p(abs(value)), value)


def squared_distance(one: Point, other: Point) -> float:
    """The square of how far two places are apart."""
    return sum([(mine - theirs) * (mine - theirs) for mine, theirs in zip(one, other, strict=True)])


def standardised(point: Point, means: Point, spreads: Point) -> list[float]:
    """A place in standard deviations from the mean; what is the same for all says nothing."""
    return [
        (value - mean) / spread if spread > 0 else 0.0
        for value, mean, spread in zip(point, means, spreads, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class ShopClusters:
    """The clusters of a version.

    Attributes:
        version: which one.
        features: what customers are compared by.
        means, spreads: of the squeezed features, over all customers.
        centres: by the names of the clusters, standardised.
    """

    version: str
    features: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    centres: Mapping[str, tuple[float, ...]]

    def of(self, values: Point) -> str:
        """The cluster whose centre is nearest to these values of the features."""
        point = standardised([squeezed(each) for each in values], self.means, self.spreads)
        return min(self.centres, key=lambda name: squared_distance(self.centres[name], point))
