"""The churn model: scaled logistic regression, learned one example at a time.

Source: L. Bottou, "Stochastic Gradient Descent Tricks" (2012), as in `river.linear_model.LogisticRegression`.
"""

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from streamproc.models.config import ChurnSettings

if TYPE_CHECKING:
    from river.compose import Pipeline

MODEL = "churn"
BOUND = 1e4
"""Features are cut at plus and minus this value before they are scaled."""


def new_model(settings: ChurnSettings) -> "Pipeline":
    """An untrained model. River brings SciPy, which takes a second to load: only who has a model waits for it."""
    from river import linear_model, optim, preprocessing  # noqa: PLC0415

    return preprocessing.StandardScaler() | linear_model.LogisticRegression(
        optimizer=optim.SGD(settings.learning_rate), l2=settings.l2, intercept_lr=settings.learning_rate
    )


def learn(model: "Pipeline", features: Mapping[str, float], label: int) -> None:
    """One step of learning; changes the model."""
    model.learn_one(bounded(features), bool(label))


def bounded(features: Mapping[str, float]) -> dict[str, float]:
    """Features within plus and minus `BOUND`; what is no number counts as 0."""
    return {name: max(-BOUND, min(BOUND, value)) if isfinite(value) else 0.0 for name, value in features.items()}
