"""How much each input counts, learned one basket at a time.

A candidate's chance is its part of all scores, as a softmax; what was bought is to have all of it, in equal parts.
Sources: Z. Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach" (2007), top-one ListNet;
J. Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization" (2011) for the step.
"""

from collections.abc import Mapping, Sequence
from math import exp
from operator import mul

from streamproc.models.ranking.candidates import INPUTS, Candidate, Group

LEARNING_RATE = 0.1
_SQUARES_BEFORE = 0.1
"""Taken to have been seen before anything was, so that the first baskets do not throw the weights about."""
BEGIN: dict[Group, dict[str, float]] = {
    "own": {"always": 3.0, "times": 1.0, "sells": 0.1},
    "new": {"sells": 0.3},
    "first": {"sells": 1.0},
}
"""Before anything is learned: what was bought most often, then what sells."""


Inputs = Mapping[Group, Sequence[float]]
"""Of each group a value for each input."""


def usual_inputs(candidates: Sequence[Candidate]) -> Inputs:
    """The mean of each input over the candidates of each group."""
    found: dict[Group, Sequence[float]] = {}
    for group in INPUTS:
        inputs = [candidate.inputs for candidate in candidates if candidate.group == group]
        if inputs:
            found[group] = [sum(values) / len(inputs) for values in zip(*inputs, strict=True)]
    return found


class Weights:
    """The weight of each input, and how much it has moved: sums of squared gradients."""

    def __init__(self) -> None:
        self.weights = {group: [BEGIN[group].get(name, 0.0) for name in names] for group, names in INPUTS.items()}
        self.squares = {group: [_SQUARES_BEFORE] * len(names) for group, names in INPUTS.items()}

    @property
    def by_name(self) -> dict[str, float]:
        """The weight of each input, by its group and name."""
        return {
            f"{group}.{name}": round(weight, 4)
            for group, names in INPUTS.items()
            for name, weight in zip(names, self.weights[group], strict=True)
        }

    def score(self, candidate: Candidate) -> float:
        """The higher, the likelier it is bought."""
        return float(sum(map(mul, self.weights[candidate.group], candidate.inputs)))

    def mover(self, candidate: Candidate, usual: Inputs) -> str:
        """The input that lifts a candidate most above the usual one of its group, or if none does, above nothing."""
        group = candidate.group
        inputs = list(zip(INPUTS[group], self.weights[group], candidate.inputs, usual[group], strict=True))
        lifts = {name: round(weight * (value - mean), 9) for name, weight, value, mean in inputs}
        if max(lifts.values()) <= 0:
            lifts = {name: round(weight * value, 9) for name, weight, value, _ in inputs if name != "always"}
        return max(lifts, key=lambda name: lifts[name])

    def learn(self, candidates: Sequence[Candidate], scores: Sequence[float], bought: frozenset[str]) -> None:
        """One step: the candidates were scored, and these were bought."""
        right = sum(candidate.sku in bought for candidate in candidates)
        if right in {0, len(candidates)}:
            return
        highest = max(scores)
        chances = [exp(score - highest) for score in scores]
        total = sum(chances)
        gradient = {group: [0.0] * len(names) for group, names in INPUTS.items()}
        for candidate, chance in zip(candidates, chances, strict=True):
            miss = (1 / right if candidate.sku in bought else 0.0) - chance / total
            into = gradient[candidate.group]
            for place, value in enumerate(candidate.inputs):
                into[place] += miss * value
        self._step(gradient)

    def _step(self, gradient: dict[Group, list[float]]) -> None:
        for group, slopes in gradient.items():
            weights, squares = self.weights[group], self.squares[group]
            for place, slope in enumerate(slopes):
                squares[place] += slope * slope
                weights[place] += LEARNING_RATE * slope / squares[place] ** 0.5
