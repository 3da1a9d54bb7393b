"""A released logistic model as decide uses it: it never learns again, so what a score needs is looked up once.

Probability and reasons come from one loop over the features, in River's own order and arithmetic: the same to the last
bit as the pipeline's (`tests/models/test_frozen.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, isfinite
from typing import TYPE_CHECKING, Self

from streamproc.models.estimators.logistic import BOUND
from streamproc.models.reasons import REASONS
from streamproc.models.scorer import Said
from streamproc.models.vectors import IS

if TYPE_CHECKING:
    from river.compose import Pipeline

_NO_SPREAD = (0.0, 0.0)
_A_CATEGORY = (0.0, 1.0)
_NOT_LEARNED = (0.0, 0.0, 0.0)
_SURE = 30
"""So far from 0, River says no or yes without doubt."""


@dataclass(frozen=True, slots=True)
class FrozenLogistic:
    """The scales and weights of a version.

    Attributes:
        terms: of each feature its mean, its standard deviation (0: it has no spread, and counts as 0), and its weight.
        intercept: what all features are added to.
    """

    terms: Mapping[str, tuple[float, float, float]]
    intercept: float

    @classmethod
    def of(cls, model: "Pipeline") -> Self:
        """Freeze a model as it is now."""
        scaler, regression = model["StandardScaler"], model["LogisticRegression"]
        scales = {name: (scaler.means[name], scaler.vars[name] ** 0.5) for name in scaler.counts}
        weights = regression.weights
        names = {*scales, *weights}
        as_they_are = {name: _A_CATEGORY for name in weights if IS in name}
        terms = {name: (*scales.get(name, as_they_are.get(name, _NO_SPREAD)), weights.get(name, 0.0)) for name in names}
        return cls(terms, regression.intercept)

    def score(self, features: Mapping[str, float]) -> Said:
        """The probability, and the features that moved it most with their direction."""
        terms, total, moved = self.terms, 0.0, []
        for name, value in features.items():
            mean, deviation, weight = terms.get(name, _NOT_LEARNED)
            if not deviation:
                continue
            if not -BOUND <= value <= BOUND:
                value = max(-BOUND, min(BOUND, value)) if isfinite(value) else 0.0  # noqa: PLW2901  as `bounded`
            move = weight * ((value - mean) / deviation)
            total += move
            if move:
                moved.append((-abs(move), name, move))
        moved.sort()
        reasons = tuple([("+" if move > 0 else "-") + name for _, name, move in moved[:REASONS]])
        return Said(_probability(total + self.intercept), reasons)

    def per_deviation(self) -> Mapping[str, float]:
        """The weights; of a category's value, what it adds to be it."""
        return {name: weight for name, (_, deviation, weight) in self.terms.items() if deviation and weight}


def _probability(logit: float) -> float:
    """River's sigmoid; what is no number says nothing."""
    if abs(logit) > _SURE:
        return float(logit > 0)
    value = 1 / (1 + exp(-logit))
    return value if isfinite(value) else 0.5
