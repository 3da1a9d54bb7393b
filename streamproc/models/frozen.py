"""A released logistic model as decide uses it: it never learns again, so what a score needs is looked up once.

Probability and reasons come from one scaling instead of two, and by River's own arithmetic: the same to the last bit
as the pipeline's (`tests/models/test_frozen.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from math import isfinite
from typing import TYPE_CHECKING, Self

from streamproc.models.logistic import BOUND

if TYPE_CHECKING:
    from river.compose import Pipeline

REASONS = 3
_NO_SPREAD = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class FrozenLogistic:
    """The scales and weights of a version.

    Attributes:
        scales: of each feature its mean and standard deviation; 0: it has no spread, and counts as 0.
        weights: of each feature.
        model: the version itself, which adds up.
    """

    scales: Mapping[str, tuple[float, float]]
    weights: Mapping[str, float]
    model: "Pipeline"

    @classmethod
    def of(cls, model: "Pipeline") -> Self:
        """Freeze a model; it must not learn afterwards."""
        scaler = model["StandardScaler"]
        scales = {name: (scaler.means[name], scaler.vars[name] ** 0.5) for name in scaler.counts}
        return cls(scales, model["LogisticRegression"].weights, model)

    def score(self, features: Mapping[str, float]) -> tuple[float, tuple[str, ...]]:
        """The probability, and the features that moved it most with their direction."""
        scaled = self._scaled(features)
        value = float(self.model["LogisticRegression"].predict_proba_one(scaled)[True])
        return value if isfinite(value) else 0.5, self._reasons(scaled)

    def _scaled(self, features: Mapping[str, float]) -> dict[str, float]:
        scales, scaled = self.scales, {}
        for name, value in features.items():
            mean, deviation = scales.get(name, _NO_SPREAD)
            if not -BOUND <= value <= BOUND:
                value = max(-BOUND, min(BOUND, value)) if isfinite(value) else 0.0  # noqa: PLW2901  as `bounded`
            scaled[name] = (value - mean) / deviation if deviation else 0.0
        return scaled

    def _reasons(self, scaled: Mapping[str, float]) -> tuple[str, ...]:
        weights = self.weights
        moved = [(-abs(move), name, move) for name, value in scaled.items() if (move := weights.get(name, 0.0) * value)]
        return tuple(("+" if move > 0 else "-") + name for _, name, move in nsmallest(REASONS, moved))
