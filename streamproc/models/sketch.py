"""Quantiles of numbers that come one by one, within one in a hundred of each number, whatever their order.

Numbers are counted in bins each of which is a fiftieth wider than the one before it. What was counted long ago counts
less. Source: C. Masson, J. Rim and H. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
Guarantees" (2019).
"""

from itertools import accumulate
from math import ceil, isfinite, log

from streamproc.models.snapshot_error import SnapshotError

ACCURACY = 0.01
GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
LEAST, MOST = 0.01, 1e12
"""What is smaller counts as 0, and what is larger as this."""
LEAST_WEIGHT = 1e-6
"""What counts less is forgotten."""
LOWEST_BIN, HIGHEST_BIN = ceil(log(LEAST) / log(GAMMA)), ceil(log(MOST) / log(GAMMA))


class QuantileSketch:
    """Counts by bins; changes with each number.

    Attributes:
        below: how much of `LEAST` and less was counted, and of what is not positive.
        bins: how much of each bin.
    """

    def __init__(self) -> None:
        self.below = 0.0
        self.bins: dict[int, float] = {}

    def add(self, number: float) -> None:
        """Count a number."""
        if number <= LEAST:
            self.below += 1.0
            return
        place = min(HIGHEST_BIN, ceil(log(number) / log(GAMMA)))
        self.bins[place] = self.bins.get(place, 0.0) + 1.0

    def fade(self, factor: float) -> None:
        """Have all that was counted count less."""
        self.below *= factor
        faded = ((place, count * factor) for place, count in self.bins.items())
        self.bins = {place: count for place, count in faded if count >= LEAST_WEIGHT}

    def quantile(self, share: float) -> float:
        """What this share of the numbers is not above: the upper end of a bin; 0 if nothing was counted."""
        places = sorted(self.bins)
        wanted = share * (self.below + sum([self.bins[place] for place in places]))
        sums = accumulate((self.bins[place] for place in places), initial=self.below)
        if next(sums) >= wanted or not places:
            return 0.0
        reached = next((place for place, total in zip(places, sums, strict=True) if total >= wanted), places[-1])
        return float(GAMMA**reached)


def require_sketch(sketch: QuantileSketch) -> None:
    """Look whether a sketch that was read can count on.

    Raises:
        SnapshotError: it has bins or counts that there cannot be.
    """
    counts = (sketch.below, *sketch.bins.values())
    if not all(isfinite(count) and count >= 0 for count in counts):
        raise SnapshotError("a sketch has counts that are no numbers of something")
    if not all(LOWEST_BIN <= place <= HIGHEST_BIN for place in sketch.bins):
        raise SnapshotError("a sketch has bins that there are not")
