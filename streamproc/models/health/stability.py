"""Whether customers look like those whom a version knows: the population stability index (PSI) of each feature.

The newest examples are compared with those that the version had learned last when it was released. It is the version
that scored them, so the one that counts: frozen or rolled back, too. A slow drift that shows in no block beside the one
before is found so. Below 0.1 nothing has moved, above 0.25 much has. Values are counted by a logarithmic grid (a tenth
apart), so that memory is bounded whatever they are, and compared by the deciles of the version's own.
Sources: N. Siddiqi, "Credit Risk Scorecards" (2006), for the index; C. Masson et al., "DDSketch" (2019), for the grid.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from math import ceil, inf, log
from typing import NamedTuple, Self

BLOCK = 1_000
"""So many examples are compared at once; a version is known by as many to twice as many, as far as there were."""
LEAST_REFERENCE = 500
"""Of a version that has learned from fewer it is not known what is normal."""
MAX_REFERENCES = 32
"""Of so many versions it is known, of the older ones of fewer and fewer: the one before stands for who is left out."""
MAX_FEATURES = 64
"""Of more (a category has a feature for each value), those are looked at that came first in a block."""
_RATIO = log(1.1 / 0.9)
_LEAST = 1e-3
"""Nearer to 0 is 0."""
_MOST = 1e4
_ZERO = 1_000
"""Where the places of positive values begin, and those of negative ones end."""

Counts = dict[int, int]
"""By place on the grid, how many values."""


class Deciles(NamedTuple):
    """What values of a feature were like.

    Attributes:
        edges: the places up to which each tenth goes, but the last, which has no end; equal ones are one.
        counts: how many values each has.
    """

    edges: list[int]
    counts: list[int]

    @classmethod
    def of(cls, values: Mapping[int, int]) -> Self:
        """Those of values by place."""
        total, reached, edges = sum(values.values()), 0, list[int]()
        for place in sorted(values):
            before, reached = reached, reached + values[place]
            if reached * 10 // total > before * 10 // total:
                edges.append(place)
        edges = edges[:-1]
        return cls(edges, _by_decile(values, edges))

    def stability_index(self, values: Mapping[int, int]) -> float:
        """The PSI of other values by place; half a value more in each tenth, so that none is empty."""
        found, bins = _by_decile(values, self.edges), len(self.counts)
        index = 0.0
        for one, other in zip(self.counts, found, strict=True):
            share = (one + 0.5) / (sum(self.counts) + 0.5 * bins)
            share_now = (other + 0.5) / (sum(found) + 0.5 * bins)
            index += (share_now - share) * log(share_now / share)
        return index


class Reference(NamedTuple):
    """What a version had learned last: the deciles by feature, `at` so many examples."""

    at: int
    deciles: Mapping[str, Deciles]


class FeatureStability:
    """Values of features by block, and those of each version; changes with each example and each release.

    Attributes:
        examples: how many there were; `seen`: those of this block.
        grid: by feature, the values of this block.
        before: the same of the block before; empty as long as there is none.
        references: by version, in the order of their releases, what it had learned last.
        scored_by: the version of the newest score.
        index: the largest PSI of the last whole block; 0 as long as there is none of a known version.
        feature: whose it is.
        beside: the version that it was compared with.
    """

    def __init__(self) -> None:
        self.examples = self.seen = 0
        self.grid: dict[str, Counts] = {}
        self.before: dict[str, Counts] = {}
        self.references: dict[str, Reference] = {}
        self.scored_by = ""
        self.index = 0.0
        self.feature = ""
        self.beside = ""

    def observe(self, features: Mapping[str, float], version: str) -> None:
        """The features of one more example, and the version that scored it; empty: none did."""
        for name, value in features.items():
            if name in self.grid or len(self.grid) < MAX_FEATURES:
                counts, place = self.grid.setdefault(name, {}), place_of(value)
                counts[place] = counts.get(place, 0) + 1
        self.scored_by = version or self.scored_by
        self.examples += 1
        self.seen += 1
        if self.seen == BLOCK:
            self._compare()
            self.seen, self.grid, self.before = 0, {}, self.grid

    def released(self, version: str) -> None:
        """A version knows the examples until now."""
        if self.seen + (BLOCK if self.before else 0) < LEAST_REFERENCE:
            return
        known = list(dict.fromkeys([*self.before, *self.grid]))[:MAX_FEATURES]
        of_features = {name: Deciles.of(_added(self.before.get(name, {}), self.grid.get(name, {}))) for name in known}
        self.references[version] = Reference(self.examples, of_features)
        if len(self.references) > MAX_REFERENCES:
            del self.references[self._least_needed()]

    def go_on_from(self, before: "FeatureStability") -> None:
        """Another question is asked under the model's name; what its versions had learned is known still."""
        self.examples, self.references = before.examples, before.references

    def values(self) -> dict[str, float]:
        """Metric name to value."""
        return {"psi": round(self.index, 6)} if self.feature else {}

    def notes(self) -> dict[str, str]:
        """Which feature has the largest index, and beside which version."""
        return {"psi": f"{self.feature}, beside {self.beside}"} if self.feature else {}

    def _compare(self) -> None:
        self.beside = self._reference_of(self.scored_by)
        reference = self.references[self.beside].deciles if self.beside else {}
        shared = sorted(self.grid.keys() & reference.keys())
        found = [(reference[name].stability_index(self.grid[name]), name) for name in shared]
        self.index, self.feature = max(found, default=(0.0, ""))

    def _least_needed(self) -> str:
        """The version whose gap would be smallest beside its age; neither the one that counts, nor first or last."""
        kept, ages = self._reference_of(self.scored_by), [self.examples - each.at for each in self.references.values()]
        gaps = [
            ((ages[place - 1] - ages[place + 1]) / ages[place - 1], version)
            for place, version in enumerate(self.references)
            if 0 < place < len(ages) - 1 and version != kept
        ]
        return min(gaps)[1]

    def _reference_of(self, version: str) -> str:
        """The version itself, or the last one before it of which it is known what it had learned; empty: none is."""
        known = list(self.references)
        place = bisect_right(known, version)
        return known[place - 1] if place else ""


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


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> Counts:
    return {place: one.get(place, 0) + other.get(place, 0) for place in one.keys() | other.keys()}


def _by_decile(values: Mapping[int, int], edges: list[int]) -> list[int]:
    ends, found = [*edges, inf], [0] * (len(edges) + 1)
    for place, count in values.items():
        found[bisect_left(ends, place)] += count
    return found
