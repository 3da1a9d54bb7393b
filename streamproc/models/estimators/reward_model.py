"""What each offer brings to whom: Bayesian linear regression, one for each offer, learned one example at a time.

An offer that was hardly ever made is hardly known: its estimate is wide, so policies that explore try it.
Sources: C. Bishop, "Pattern Recognition and Machine Learning" (2006), section 3.3, as in River's
`BayesianLinearRegression`; one model for each offer as in L. Li et al., "A Contextual-Bandit Approach to Personalized
News Article Recommendation" (2010).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from streamproc.models.estimators.logistic import bounded, require_known
from streamproc.models.estimators.regression import held_by, inputs_of, new_regression
from streamproc.models.in_part import in_part
from streamproc.models.snapshot_error import SnapshotError

if TYPE_CHECKING:
    from river.linear_model.bayesian_lin_reg import BayesianLinearRegression

Scales = Mapping[str, tuple[float, float]]
"""Mean and standard deviation of each feature."""

MAX_OFFERS = 64
"""Of more, those that were learned from longest ago are forgotten."""
LEAST, MOST, LARGEST = 0.001, 1000.0, 1e30
"""Of noise and prior, and of any number in a model."""
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

    def learn(self, offer: str, features: Mapping[str, float], reward: float, far: float = FAR) -> None:
        """One example of an offer; `far`: so many standard deviations from the mean a feature counts at most."""
        known = bounded(features)
        self._forget_other_features(known)
        self.scaler.learn_one(known)
        seen = inputs(known, self.scales, self.prior, far)
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


def inputs(features: Mapping[str, float], scales: Scales, prior: float, far: float = FAR) -> dict[str, float]:
    """What a regression sees: features as standard deviations from their mean, in units of the prior."""
    seen = {ALWAYS: prior}
    for name, value in features.items():
        mean, deviation = scales.get(name, (0.0, 0.0))
        seen[name] = prior * max(-far, min(far, (value - mean) / deviation)) if deviation else 0.0
    return seen


def require_reward_model(model: Any, offers: int = MAX_OFFERS) -> RewardModel:
    """The model, if it is a reward model of so many offers at most, over features of this release, with finite numbers.

    Raises:
        SnapshotError: it is not.
    """
    if not isinstance(model, RewardModel):
        raise SnapshotError(f"the model is a RewardModel, this is a {type(model).__name__}")
    if len(model.offers) > offers:
        raise SnapshotError(f"it knows {len(model.offers)} offers; {offers} are allowed")
    require_known(model.features)
    if not all(-LARGEST <= number <= LARGEST for number in model.numbers()):
        raise SnapshotError("it has numbers that are not finite: what it expects would mean nothing")
    if not all(LEAST <= number <= MOST for number in (model.noise, model.prior)):
        raise SnapshotError(f"noise and prior must be {LEAST:g} to {MOST:g}")
    if any(held_by(each).precision != 1 / model.noise**2 for each in model.offers.values()):
        raise SnapshotError("a regression has another precision than the noise says")
    return model
