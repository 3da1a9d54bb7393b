"""Clusters of customers, learned sample by sample: many small ones, put together when a version is released.

A sample joins the nearest small cluster, or begins one; if there are too many, the two that are nearest to each other
become one, and from then on small clusters may be that wide. So what is kept does not grow, and does not depend on how
many clusters are wanted. Sources: T. Zhang et al., "BIRCH" (1996); C. Aggarwal et al., "A Framework for Clustering
Evolving Data Streams" (2003).
"""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt

from streamproc.customer.shop_clusters import Point, squared_distance, squeezed, standardised
from streamproc.events.times import WEEK_MS
from streamproc.models.clusters.k_means import Weighted, grouped, nearest

MOST_SMALL = 80
WIDENED = 1.5
"""So much wider they may be each time, so that it is rarely needed."""
LEAST_WEIGHT = 1e-3
"""A small cluster that counts less is forgotten."""
LEAST_VARIANCE = 1e-9
"""What varies less is the same for all."""
MATCHED_WITHIN = 0.5
"""How far a centre may have moved to be that of the same cluster, in standard deviations of each feature."""


class ClustersModel:
    """Sums over samples of squeezed features; changes with each.

    Attributes:
        features: what is compared.
        week: of the newest sample.
        weight, sums, squares: how many there were, and their sums.
        small: the small clusters, each its weight and middle.
        width: the square of how far a sample may be from a small cluster that it joins, standardised.
        numbers, centres, shares: of the clusters that were released last; centres in squeezed features.
        following: the number of the next new cluster.
    """

    def __init__(self, features: Sequence[str]) -> None:
        self.features = list(features)
        self.week = 0
        self.weight = 0.0
        self.sums = [0.0] * len(features)
        self.squares = [0.0] * len(features)
        self.small: list[list[float]] = []
        self.width = 0.0
        self.numbers: list[int] = []
        self.centres: list[list[float]] = []
        self.shares: list[float] = []
        self.following = 1

    @property
    def means(self) -> list[float]:
        """Of the squeezed features."""
        return [total / self.weight for total in self.sums] if self.weight else list(self.sums)

    @property
    def spreads(self) -> list[float]:
        """Their standard deviations, 0: the same for all."""
        if not self.weight:
            return list(self.sums)
        moments = zip(self.squares, self.means, strict=True)
        variances = [square / self.weight - mean * mean for square, mean in moments]
        return [sqrt(each) if each > LEAST_VARIANCE else 0.0 for each in variances]

    def learn(self, values: Point, at_ms: int, half_life_weeks: float) -> None:
        """One sample, of this moment; those of before count half after so many weeks."""
        week = at_ms // WEEK_MS
        if week > self.week:
            self._fade(0.5 ** ((week - self.week) / half_life_weeks))
            self.week = week
        point = [squeezed(each) for each in values]
        self.weight += 1.0
        self.sums = [total + each for total, each in zip(self.sums, point, strict=True)]
        self.squares = [total + each * each for total, each in zip(self.squares, point, strict=True)]
        scales = [1 / (each * each) if each > 0 else 0.0 for each in self.spreads]
        self._take(point, scales)

    def distances(self, values: Point) -> tuple[float, float] | None:
        """How far, squared, a sample is from the nearest centre, and from the mean of all; None: no centres yet."""
        if not self.centres:
            return None
        point = self._place([squeezed(each) for each in values])
        return nearest(point, [self._place(each) for each in self.centres])[1], sum([each * each for each in point])

    def regroup(self, count: int) -> None:
        """Put the small clusters together into at most so many, which keep the numbers of those that they were."""
        if not self.small:
            return
        means, spreads = self.means, self.spreads
        points = [Weighted(weight, self._place(middle)) for weight, *middle in self.small]
        before = [self._place(each) for each in self.centres]
        found = grouped(points, count, before)
        order = sorted(range(len(found.centres)), key=lambda place: (-found.weights[place], found.centres[place]))
        centres = [found.centres[place] for place in order]
        total = sum(found.weights)
        self.shares = [found.weights[place] / total for place in order]
        self.numbers = self._numbered(before, centres)
        self.centres = [
            [mean + each * spread for mean, each, spread in zip(means, centre, spreads, strict=True)]
            for centre in centres
        ]

    def _fade(self, factor: float) -> None:
        self.weight *= factor
        self.sums = [each * factor for each in self.sums]
        self.squares = [each * factor for each in self.squares]
        faded = ([weight * factor, *middle] for weight, *middle in self.small)
        self.small = [row for row in faded if row[0] >= LEAST_WEIGHT]

    def _place(self, point: Point) -> list[float]:
        return standardised(point, self.means, self.spreads)

    def _take(self, point: Point, scales: Point) -> None:
        """Have a sample join the nearest small cluster, or begin one."""
        distances = [_apart(point, middle, scales) for _, *middle in self.small]
        if distances and (distance := min(distances)) <= self.width:
            place = distances.index(distance)
            self.small[place] = _joined(self.small[place], [1.0, *point])
            return
        self.small.append([1.0, *point])
        if len(self.small) > MOST_SMALL:
            self._join_nearest(scales)

    def _join_nearest(self, scales: Point) -> None:
        middles = [middle for _, *middle in self.small]
        pairs = combinations(range(len(middles)), 2)
        distance, one, other = min((_apart(middles[a], middles[b], scales), a, b) for a, b in pairs)
        gone = self.small.pop(other)
        self.small[one] = _joined(self.small[one], gone)
        self.width = WIDENED * max(self.width, distance)

    def _numbered(self, before: Sequence[Point], centres: Sequence[Point]) -> list[int]:
        """The numbers of new centres: of the nearest old one, pair by pair, or else one that was never given."""
        within = MATCHED_WITHIN * MATCHED_WITHIN * len(self.features)
        pairs = sorted(
            (squared_distance(old, new), self.numbers[was], place)
            for was, old in enumerate(before)
            for place, new in enumerate(centres)
        )
        found: dict[int, int] = {}
        for distance, number, place in pairs:
            if distance <= within and place not in found and number not in found.values():
                found[place] = number
        for place in range(len(centres)):
            if place not in found:
                found[place], self.following = self.following, self.following + 1
        return [found[place] for place in range(len(centres))]


def _joined(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Two small clusters as one."""
    total = one[0] + other[0]
    part = other[0] / total
    return [total, *(mine + (theirs - mine) * part for mine, theirs in zip(one[1:], other[1:], strict=True))]


def _apart(one: Point, other: Point, scales: Point) -> float:
    """The square of how far two places are apart, in standard deviations; `scales`: one over the variances."""
    scaled = zip(one, other, scales, strict=True)
    return sum([(mine - theirs) * (mine - theirs) * scale for mine, theirs, scale in scaled])
