"""The learner `logistic_regression`: how likely, by a weighted sum of features (`models/estimators/logistic.py`)."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streamproc.models.estimators import logistic
from streamproc.models.estimators.frozen_logistic import FrozenLogistic
from streamproc.models.learners.base import Answers, Learner
from streamproc.models.scorer import Model


class LogisticRegression(Learner):
    """River's logistic regression over scaled features; all numbers within it stay explainable."""

    kind: Literal["logistic_regression"] = "logistic_regression"
    answers: ClassVar[Answers] = "probability"
    knows_categories: ClassVar[bool] = True

    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.02
    l2: Annotated[float, Field(ge=0, le=1)] = 1e-4

    def new_model(self) -> Model:
        """Scaled logistic regression."""
        return logistic.new_model(self.learning_rate, self.l2)

    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """One step of gradient descent."""
        logistic.learn(model, features, label)

    def require(self, model: Model) -> Model:
        """Scaled logistic regression over features of this release, with finite numbers."""
        return logistic.require_logistic(model)

    def scorer(self, model: Model) -> FrozenLogistic:
        """Its scales and weights."""
        return FrozenLogistic.of(model)
