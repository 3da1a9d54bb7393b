"""Between what a number will lie: linear regression of three quantiles, learned one example at a time.

The middle one is what half of the customers stay below, and four of five lie between the others. What is learned is
log(1 + number): the order of numbers is the same, so are their quantiles, and a long tail pulls at nothing. A number
that is known only to be beyond the horizon counts as the horizon: quantiles below it do not change by that.
Sources: R. Koenker and G. Bassett, "Regression Quantiles" (1978); J. Powell, "Censored Regression Quantiles" (1986).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import expm1, isfinite, log1p
from typing import TYPE_CHECKING, Any, Self

from streamproc.models.estimators.logistic import bounded, require_known
from streamproc.models.estimators.reward_model import FAR, Scales
from streamproc.models.in_part import in_part
from streamproc.models.reasons import reasons_of
from streamproc.models.scorer import Said
from streamproc.models.snapshot_error import SnapshotError

if TYPE_CHECKING:
    pass

LEVELS = {"low": 0.1, "middle": 0.5, "high": 0.9}
MOST = 30.0
"""No number is more than e to this."""


class QuantileModel:
    """The scales of the features, and a regression for each quantile; changes with each example.

    Attributes:
        scaler: what the features are like.
        levels: by the name of each quantile its regression, of log(1 + number).
    """

    def __init__(self, learning_rate: float, l2: float) -> None:
        with in_part():
            from river.linear_model.lin_reg import LinearRegression  # noqa: PLC0415  see `logistic.new_model`
            from river.optim.losses import Quantile  # noqa: PLC0415
            from river.optim.sgd import SGD  # noqa: PLC0415
            from river.preprocessing.scale import StandardScaler  # noqa: PLC0415

        self.scaler = StandardScaler()
        self.levels: dict[str, LinearRegression] = {
            name: LinearRegression(SGD(learning_rate), loss=Quantile(level), l2=l2, intercept_lr=learning_rate)
            for name, level in LEVELS.items()
        }

    def learn(self, features: Mapping[str, float], label: float) -> None:
        """One example."""
        known = bounded(features)
        self.scaler.learn_one(known)
        seen = scaled(known, self.scales)
        for regression in self.levels.values():
            regression.learn_one(seen, log1p(max(0.0, label)))

    @property
    def scales(self) -> Scales:
        """The scales of the features as they are now."""
        scaler = self.scaler
        return {name: (scaler.means[name], scaler.vars[name] ** 0.5) for name in scaler.counts}

    def numbers(self) -> Iterator[float]:
        """All numbers that it has."""
        for table in (self.scaler.means, self.scaler.vars):
            yield from table.values()
        for regression in self.levels.values():
            yield from (regression.intercept, *regression.weights.values())


def require_quantiles(model: Any) -> QuantileModel:
    """The model, if it is one of three quantiles, over features of this release, with finite numbers.

    Raises:
        SnapshotError: it is not.
    """
    if not isinstance(model, QuantileModel):
        raise SnapshotError(f"the model is a QuantileModel, this is a {type(model).__name__}")
    levels = {name: regression.loss.alpha for name, regression in model.levels.items()}
    if levels != LEVELS:
        raise SnapshotError(f"its quantiles are {levels}, not {LEVELS}")
    require_known(name for each in model.levels.values() for name in (*model.scaler.counts, *each.weights))
    if not all(map(isfinite, model.numbers())):
        raise SnapshotError("it has numbers that are not finite: what it says would mean nothing")
    return model


def scaled(features: Mapping[str, float], scales: Scales) -> dict[str, float]:
    """Features as standard deviations from their mean, cut far from it."""
    seen = {}
    for name, value in features.items():
        mean, deviation = scales.get(name, (0.0, 0.0))
        seen[name] = max(-FAR, min(FAR, (value - mean) / deviation)) if deviation else 0.0
    return seen


@dataclass(frozen=True, slots=True)
class FrozenQuantiles:
    """A released version: scales, and for each quantile its weights and its intercept."""

    scales: Scales
    levels: Mapping[str, tuple[Mapping[str, float], float]]

    @classmethod
    def of(cls, model: QuantileModel) -> Self:
        """Freeze a model as it is now."""
        return cls(model.scales, {name: (each.weights, each.intercept) for name, each in model.levels.items()})

    def score(self, features: Mapping[str, float]) -> Said:
        """The middle one, with the others in their order, and the features that moved it most with their direction."""
        seen = scaled(bounded(features), self.scales)
        sums = {}
        for level, (weights, intercept) in self.levels.items():
            total = intercept
            for name, value in seen.items():
                total += weights.get(name, 0.0) * value
            sums[level] = expm1(max(0.0, min(MOST, total)))
        low, value, high = sorted(sums.values())
        weights, _ = self.levels["middle"]
        moved = [(name, weights.get(name, 0.0) * held) for name, held in seen.items()]
        return Said(value, reasons_of(each for each in moved if each[1]), low, high)

    def per_deviation(self) -> Mapping[str, float]:
        """The weights of the middle one."""
        weights, _ = self.levels["middle"]
        return {name: weight for name, weight in weights.items() if weight}
