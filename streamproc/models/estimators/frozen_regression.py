"""A released regression as decide uses it: plain numbers, the same on every machine to the last bit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from streamproc.models.estimators.frozen_rewards import FrozenRewards
from streamproc.models.estimators.logistic import bounded
from streamproc.models.estimators.reward_model import ALWAYS, RewardModel, Scales, inputs
from streamproc.models.reasons import reasons_of
from streamproc.models.scorer import Said


@dataclass(frozen=True, slots=True)
class FrozenRegression:
    """The scales of the features, and the expected weight of each input."""

    scales: Scales
    prior: float
    far: float
    weights: Mapping[str, float]

    @classmethod
    def of(cls, model: RewardModel, name: str, far: float) -> Self:
        """Freeze one regression of a model as it is now."""
        frozen = FrozenRewards.of(model)
        known = frozen.offers.get(name)
        weights = {each: known.mean[place] for each, place in known.places.items()} if known else {}
        return cls(frozen.scales, frozen.prior, far, weights)

    def score(self, features: Mapping[str, float]) -> Said:
        """The expected number, which is never negative, and the features that moved it most with their direction."""
        total, moved = 0.0, []
        for name, value in inputs(bounded(features), self.scales, self.prior, self.far).items():
            move = self.weights.get(name, 0.0) * value
            total += move
            if move and name != ALWAYS:
                moved.append((name, move))
        return Said(max(0.0, total), reasons_of(moved))

    def per_deviation(self) -> Mapping[str, float]:
        """The expected weights, in units of the prior."""
        return {name: weight * self.prior for name, weight in self.weights.items() if weight and name != ALWAYS}
