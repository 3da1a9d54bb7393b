"""Which prediction a backtest of churn judges: the first of that kind in `config/models.toml`."""

from dataclasses import dataclass

from streamproc.models.kind import Predictions
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.offline.replay.setup import ReplayError


@dataclass(frozen=True, slots=True)
class Asked:
    """A churn prediction and its name."""

    name: str
    prediction: ChurnPrediction


def churn_of(predictions: Predictions) -> Asked:
    """The churn prediction.

    Raises:
        ReplayError: there is none.
    """
    for name, prediction in predictions.items():
        if isinstance(prediction, ChurnPrediction):
            return Asked(name, prediction)
    raise ReplayError("config/models.toml has no prediction of the kind churn: there is nothing to judge")
