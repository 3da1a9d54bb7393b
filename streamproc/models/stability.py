"""Whether the customers of now look like those before: the population stability index (PSI) of each feature.

Below 0.1 nothing has moved, above 0.25 much has. Values are counted by a logarithmic grid (a tenth apart), so that
memory is bounded whatever they are, and compared by the deciles of the block of examples before.
Sources: N. Siddiqi, "Credit Risk Scorecards" (2006), for the index; C. Masson et al., "DDSketch" (2019), for the grid.
"""

from bisect import bisect_left
from collections.abc import Mapping
from math import ceil, inf, log

BLOCK = 1_000
"""So many examples are compared with as many before them."""
MAX_FEATURES = 64
"""Of more (a category has a feature for each value), those are looked at that came first in a block."""
_RATIO = log(1.1 / 0.9)
_LEAST = 1e-3
"""Nearer to 0 is 0."""
_MOST = 1e4
_ZERO = 1_000
"""Where the places of positive values begin, and those of negative ones end."""


class FeatureStability:
    """Values of features by block; changes with each example.

    Attributes:
        seen: examples of this block.
        grid: by feature and place on the grid, how many values of this block.
        before: the same of the block before; empty as long as there is none.
        index: the largest PSI of the last block; 0 as long as there are no two.
        feature: whose it is.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.grid: dict[str, dict[int, int]] = {}
        self.before: dict[str, dict[int, int]] = {}
        self.index = 0.0
        self.feature = ""

    def observe(self, features: Mapping[str, float]) -> None:
        """The features of one more example."""
        for name, value in features.items():
            if name in self.grid or len(self.grid) < MAX_FEATURES:
                counts, place = self.grid.setdefault(name, {}), place_of(value)
                counts[place] = counts.get(place, 0) + 1
        self.seen += 1
        if self.seen == BLOCK:
            shared = sorted(self.grid.keys() & self.before.keys())
            found = [(stability_index(self.before[name], self.grid[name]), name) for name in shared]
            self.index, self.feature = max(found, default=(0.0, ""))
            self.seen, self.grid, self.before = 0, {}, self.grid


def place_of(value: float) -> int:
    """The place of a value on the grid; larger values have larger places.

    >>> place_of(0.0), place_of(-2.0) < 0 < place_of(2.0) < place_of(3.0)
    (0, True)
    """
    size = min(abs(value), _MOST)
    if not size >= _LEAST:  # nor if it is no number
        return 0
    place = _ZERO + ceil(log(size) / _RATIO)
    return place if value > 0 else -place


def stability_index(before: Mapping[int, int], now: Mapping[int, int]) -> float:
    """The PSI of values by place, by the deciles of those before; half a value more in each, so that none is empty."""
    edges = _deciles(before)
    expected, found = _by_decile(before, edges), _by_decile(now, edges)
    bins = len(expected)
    index = 0.0
    for one, other in zip(expected, found, strict=True):
        share = (one + 0.5) / (sum(expected) + 0.5 * bins)
        share_now = (other + 0.5) / (sum(found) + 0.5 * bins)
        index += (share_now - share) * log(share_now / share)
    return index


def _deciles(counts: Mapping[int, int]) -> list[float]:
    """The places up to which each tenth goes, the last without end; equal ones are one."""
    total, reached, edges = sum(counts.values()), 0, list[float]()
    for place in sorted(counts):
        before, reached = reached, reached + counts[place]
        if reached * 10 // total > before * 10 // total:
            edges.append(place)
    return [*edges[:-1], inf]


def _by_decile(counts: Mapping[int, int], edges: list[float]) -> list[int]:
    found = [0] * len(edges)
    for place, count in counts.items():
        found[bisect_left(edges, place)] += count
    return found
