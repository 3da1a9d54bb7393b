"""How well scores have found those whom a treatment moves: the Qini curve of scores given before the answer was known.

Who is treated and who is held out was drawn by chance, so among customers with like scores the difference of both is
what the treatment does. In the order of the scores, the highest first, the Qini curve says how many answers more there
are for each customer when only those above are treated; treating as many by chance gives a straight line to the same
end. The area between both is 0 for scores that find nobody. Source: N. Radcliffe, "Using Control Groups to Target on
Predicted Lift" (2007). The standard error is a jackknife over groups of customers: Quenouille (1956), Tukey (1958).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from streamproc.events.training import Example

GROUPS = 20
"""Customers are counted in so many groups, by chance."""
_STEPS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
EDGES = (*(-step for step in reversed(_STEPS)), 0.0, *_STEPS)
"""Scores between two of these are counted together."""
BINS = len(EDGES) + 1
COUNTED = 4
"""Of each bin: treated, and those of them who answered; held out, and those of them who answered."""
FEWEST = 100
"""With fewer scored answers of the treated, or of the held out, nothing is claimed."""
STANDARD_ERRORS = 3.0
"""So far above 0 the area must be: it is looked at again and again, so two are not enough."""
LOOK_EVERY = 50
"""So many scored answers lie between two looks."""
SURE = 1.96
"""So many standard errors to either side hold the truth in 95 of 100 cases."""


class Counts(NamedTuple):
    """How many were treated and held out, and how many of each answered."""

    treated: float
    treated_answers: float
    held_out: float
    held_out_answers: float


class UpliftMetrics:
    """Progressive metrics of one model; changes with each example.

    Attributes:
        examples, scored: how many there were, and how many of them had a score.
        all: of all of them who was treated, held out, and answered, as `Counts`.
        counts: the same of those that had a score, by group and bin.
        carries: whether, at the last look, scores had surely found those who were moved.
    """

    def __init__(self) -> None:
        self.examples = 0
        self.scored = 0
        self.all = [0] * COUNTED
        self.counts = [0] * (GROUPS * BINS * COUNTED)
        self.carries = False

    def observe(self, example: Example) -> None:
        """Count an answered example, and its score if a version had given one."""
        own, label = 2 * example.held_out, int(example.label)
        self.examples += 1
        self.all[own] += 1
        self.all[own + 1] += label
        if example.score is None:
            return
        self.scored += 1
        group = int(example.subject, 16) % GROUPS
        place = (group * BINS + bisect_left(EDGES, example.score)) * COUNTED + own
        self.counts[place] += 1
        self.counts[place + 1] += label
        if not self.scored % LOOK_EVERY:
            area, error = self.qini()
            self.carries = self._are_enough and area - STANDARD_ERRORS * error > 0

    def values(self) -> dict[str, float]:
        """Metric name to value: the average effect, and the area of the Qini curve, with the ends of both intervals."""
        treated, treated_answers, held_out, held_out_answers = self.all
        found = {"treated": float(treated), "held_out": float(held_out), "scored": float(self.scored)}
        if treated and held_out:
            rates = treated_answers / treated, held_out_answers / held_out
            variances = [rate * (1 - rate) for rate in rates]
            error = sqrt(variances[0] / treated + variances[1] / held_out)
            found |= {"treated_rate": rates[0], "held_out_rate": rates[1]}
            found |= _with_ends("effect", rates[0] - rates[1], error)
        if self._are_enough:
            found |= _with_ends("qini", *self.qini())
        found["gives_scores"] = float(self.carries)
        return {name: round(value, 6) for name, value in found.items()}

    def qini(self) -> tuple[float, float]:
        """The area between the Qini curve and chance, in answers more for each customer, and its standard error."""
        groups = [self._bins(group) for group in range(GROUPS)]
        whole = [sum(cells) for cells in zip(*groups, strict=True)]
        area = area_of(whole)
        without = [area_of([all_ - own for all_, own in zip(whole, each, strict=True)]) for each in groups]
        mean = sum(without) / GROUPS
        return area, sqrt((GROUPS - 1) / GROUPS * sum((each - mean) * (each - mean) for each in without))

    @property
    def _are_enough(self) -> bool:
        scored = [sum(self.counts[arm::COUNTED]) for arm in (0, 2)]
        return min(scored) >= FEWEST

    def _bins(self, group: int) -> list[int]:
        """The counts of a group, bin by bin."""
        size = BINS * COUNTED
        return self.counts[group * size : (group + 1) * size]


def area_of(cells: Sequence[float]) -> float:
    """The area between the Qini curve and the line to its end, of counts by bin, the lowest scores first.

    Half of 400 are treated. All of the 50 with high scores answer, but none of those who are held out:

    >>> area_of([100, 20, 100, 20, 100, 100, 100, 0])
    0.125
    """
    bins = [Counts(*cells[place : place + COUNTED]) for place in reversed(range(0, len(cells), COUNTED))]
    return area_between(list(curve_of(bins)))


def curve_of(bins: Sequence[Counts]) -> Iterator[tuple[float, float]]:
    """Which share is treated, and how many answers more that gives for each customer, from the highest scores down."""
    everybody, treated = sum(each.treated + each.held_out for each in bins), sum(each.treated for each in bins)
    known = Counts(0, 0, 0, 0)
    yield 0.0, 0.0
    for each in bins:
        known = Counts(*(one + more for one, more in zip(known, each, strict=True)))
        if each.treated + each.held_out and known.held_out:
            more = known.treated_answers - known.held_out_answers * known.treated / known.held_out
            yield (known.treated + known.held_out) / everybody, more / (treated or 1)


def area_between(curve: Sequence[tuple[float, float]]) -> float:
    """The area between a curve and the straight line between its ends."""
    area = sum((x - x_before) * (y + y_before) / 2 for (x_before, y_before), (x, y) in pairwise(curve))
    return area - curve[-1][0] * curve[-1][1] / 2


def _with_ends(name: str, value: float, error: float) -> dict[str, float]:
    return {name: value, f"{name}_low": value - SURE * error, f"{name}_high": value + SURE * error}
