"""The learner `bayesian_regression`: how much, as a weighted sum of scaled features, by least squares.

There is no learning rate to be wrong: each example counts the same, as if all were fitted at once. Money has a long
tail, on which gradient descent runs away. Source: C. Bishop (2006), section 3.3 (`models/estimators/reward_model.py`).
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streamproc.models.estimators.frozen_regression import FrozenRegression
from streamproc.models.estimators.reward_model import RewardModel, require_reward_model
from streamproc.models.learners.base import Answers, Learner
from streamproc.models.scorer import Model

FAR = 8.0
"""A customer so many standard deviations above the others is worth that much more, and is to be told from them."""

ALL = "all"
"""There is one regression, and this is its name."""


class BayesianRegression(Learner):
    """River's Bayesian regression over scaled features: `ridge` so many examples say that no feature matters."""

    kind: Literal["bayesian_regression"] = "bayesian_regression"
    answers: ClassVar[Answers] = "number"
    most_features: ClassVar[int] = 31

    ridge: Annotated[float, Field(ge=0.01, le=10_000)] = 100.0

    @property
    def _prior(self) -> float:
        return float(self.ridge**-0.5)

    def new_model(self) -> RewardModel:
        """Nothing is known."""
        return RewardModel(1.0, self._prior)

    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """One example."""
        if model.prior != self._prior:
            model.begin_anew(1.0, self._prior)  # what was learned by another number means something else
        model.learn(ALL, features, label, FAR)

    def require(self, model: Model) -> RewardModel:
        """One regression over features of this release, with finite numbers."""
        return require_reward_model(model, offers=1)

    def scorer(self, model: Model) -> FrozenRegression:
        """Its scales and the expected weights."""
        return FrozenRegression.of(model, ALL, FAR)
