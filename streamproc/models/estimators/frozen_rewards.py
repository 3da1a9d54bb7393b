"""A released reward model as decide uses it: plain numbers, the same on every machine to the last bit."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Self

from streamproc.models.estimators.logistic import bounded
from streamproc.models.estimators.regression import held_by
from streamproc.models.estimators.reward_model import RewardModel, Scales, inputs
from streamproc.models.scorer import Estimate


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known of an offer's weights: a normal distribution.

    Attributes:
        places: where each input stands.
        mean: the expected weights.
        covariance: how they vary together, row by row.
    """

    places: Mapping[str, int]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]

    def of(self, seen: Mapping[str, float]) -> Estimate:
        """The distribution of the expected reward."""
        known = [(self.places[name], value) for name, value in seen.items() if name in self.places and value]
        mean = variance = 0.0
        for place, value in known:
            mean += self.mean[place] * value
            row, with_others = self.covariance[place], 0.0
            for other, its_value in known:
                with_others += row[other] * its_value
            variance += value * with_others
        unknown = sum(value * value for name, value in seen.items() if name not in self.places)
        return Estimate(mean, sqrt(max(0.0, variance + unknown)))


@dataclass(frozen=True, slots=True)
class FrozenRewards:
    """The scales, and what is known of each offer."""

    scales: Scales
    prior: float
    offers: Mapping[str, Posterior]

    @classmethod
    def of(cls, model: RewardModel) -> Self:
        """Freeze a model as it is now."""
        offers = {}
        for name, regression in model.offers.items():
            held = held_by(regression)
            rows = held.rows
            mean = tuple(sum(cell * share for cell, share in zip(row, held.gained, strict=True)) for row in rows)
            offers[name] = Posterior({each: place for place, each in enumerate(held.inputs)}, mean, rows)
        return cls(model.scales, model.prior, offers)

    def estimate(self, offer: str, features: Mapping[str, float]) -> Estimate | None:
        """What an offer is expected to bring to a customer, or None if nothing was ever learned of it."""
        posterior = self.offers.get(offer)
        return None if posterior is None else posterior.of(inputs(bounded(features), self.scales, self.prior))
