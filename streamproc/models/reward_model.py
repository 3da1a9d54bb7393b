"""What each offer brings to whom: Bayesian linear regression, one for each offer, learned one example at a time.

An offer that was hardly ever made is hardly known: its estimate is wide, so policies that explore try it.
Sources: C. Bishop, "Pattern Recognition and Machine Learning" (2006), section 3.3, as in River's
`BayesianLinearRegression`; one model for each offer as in L. Li et al., "A Contextual-Bandit Approach to Personalized
News Article Recommendation" (2010).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from streamproc.models.in_part import in_part
from streamproc.models.logistic import bounded
from streamproc.models.regression import held_by, inputs_of, new_regression

if TYPE_CHECKING:
    from river.linear_model.bayesian_lin_reg import BayesianLinearRegression

Scales = Mapping[str, tuple[float, float]]
"""Mean and standard deviation of each feature."""

MAX_OFFERS = 64
"""Of more, those that were learned from longest ago are forgotten."""
FAR = 4.0
"""So many standard deviations from the mean a feature counts at most."""
ALWAYS = "always"
"""The input that is the same for everybody: what the offer brings to the customer in the middle."""


class RewardModel:
    """The scales of the features, and what was learned of each offer; changes with each example.

    Attributes:
        noise: by how much rewards are expected to scatter around what can be known (standard deviation).
        prior: how far from 0 an offer's reward, and what a feature changes in it, may well be before anything is known.
        scaler: what the features are like, over all offers.
        offers: the regression of each offer, the one that learned last at the end.
    """

    def __init__(self, noise: float, prior: float) -> None:
        with in_part():
            from river.preprocessing.scale import StandardScaler  # noqa: PLC0415  see `logistic.new_model`

        self.noise = noise
        self.prior = prior
        self.scaler = StandardScaler()
        self.offers: dict[str, BayesianLinearRegression] = {}

    def begin_anew(self, noise: float, prior: float) -> None:
        """Forget everything, and learn with these numbers."""
        vars(self).update(vars(RewardModel(noise, prior)))

    def learn(self, offer: str, features: Mapping[str, float], reward: float) -> None:
        """One example of an offer."""
        known = bounded(features)
        self._forget_other_features(known)
        self.scaler.learn_one(known)
        seen = inputs(known, self.scales, self.prior)
        regression = self.offers.pop(offer, None)
        if regression is None or inputs_of(regression) != seen.keys():
            regression = new_regression(1 / self.noise**2)
        regression.learn_one(seen, reward)
        self.offers[offer] = regression
        while len(self.offers) > MAX_OFFERS:
            del self.offers[next(iter(self.offers))]

    def _forget_other_features(self, known: Mapping[str, float]) -> None:
        """What is not asked for any more would make the model larger with each change of the configuration."""
        for name in self.scaler.counts.keys() - known.keys():
            for table in (self.scaler.counts, self.scaler.means, self.scaler.vars):
                del table[name]

    @property
    def scales(self) -> Scales:
        """The scales of the features as they are now."""
        scaler = self.scaler
        return {name: (scaler.means[name], scaler.vars[name] ** 0.5) for name in scaler.counts}

    def numbers(self) -> Iterator[float]:
        """All numbers that it has."""
        yield from (self.noise, self.prior)
        for table in (self.scaler.means, self.scaler.vars):
            yield from table.values()
        for regression in self.offers.values():
            held = held_by(regression)
            yield from (*held.counted, *held.covariance, *held.gained)

    @property
    def features(self) -> set[str]:
        """What it has learned from."""
        seen = {name for regression in self.offers.values() for name in inputs_of(regression)}
        return {*seen, *self.scaler.counts} - {ALWAYS}


def inputs(features: Mapping[str, float], scales: Scales, prior: float) -> dict[str, float]:
    """What a regression sees: features as standard deviations from their mean, in units of the prior."""
    seen = {ALWAYS: prior}
    for name, value in features.items():
        mean, deviation = scales.get(name, (0.0, 0.0))
        seen[name] = prior * max(-FAR, min(FAR, (value - mean) / deviation)) if deviation else 0.0
    return seen
