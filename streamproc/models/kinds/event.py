"""Predictions of the kind `event`: will EVENT come within the horizon, with these values?"""

from typing import ClassVar, Literal

from streamproc.models.asking import RecurringPrediction
from streamproc.models.bands import Bands
from streamproc.models.event_question import EventQuestion
from streamproc.models.health.progressive import ProgressiveMetrics
from streamproc.models.learned import AnyLearner
from streamproc.models.learners.base import Answers
from streamproc.models.learners.logistic_regression import LogisticRegression


class EventPrediction(EventQuestion, RecurringPrediction):
    """The question "will this event come within the horizon?"."""

    kind: Literal["event"] = "event"
    answers_with: ClassVar[frozenset[Answers]] = frozenset({"probability"})

    learner: AnyLearner = LogisticRegression()
    bands: Bands = Bands()

    def band(self, value: float) -> str:
        """The band of the probability."""
        return self.bands.of(value)

    def new_metrics(self) -> ProgressiveMetrics:
        """ROC AUC, log loss, Brier score."""
        return ProgressiveMetrics()
