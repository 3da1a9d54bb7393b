"""The learner `quantile_regression`: between what a number will lie (`models/estimators/quantiles.py`)."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streamproc.models.estimators.quantiles import FrozenQuantiles, QuantileModel, require_quantiles
from streamproc.models.learners.base import Answers, Learner
from streamproc.models.scorer import Model


class QuantileRegression(Learner):
    """River's linear regression of three quantiles over scaled features."""

    kind: Literal["quantile_regression"] = "quantile_regression"
    answers: ClassVar[Answers] = "interval"

    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.01
    l2: Annotated[float, Field(ge=0, le=1)] = 0.0

    def new_model(self) -> QuantileModel:
        """Nothing is known."""
        return QuantileModel(self.learning_rate, self.l2)

    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """One step of gradient descent for each quantile."""
        model.learn(features, label)

    def require(self, model: Model) -> QuantileModel:
        """Three quantiles over features of this release, with finite numbers."""
        return require_quantiles(model)

    def scorer(self, model: Model) -> FrozenQuantiles:
        """Its scales and weights."""
        return FrozenQuantiles.of(model)
