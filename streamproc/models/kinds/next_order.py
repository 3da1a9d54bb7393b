"""Predictions of the kind `next_order`: in how many days will the next order come, and between when?

The horizon is as far as anybody looks: of who orders later, or never, no more is known than that.
"""

from typing import ClassVar, Literal

from streamproc.customer.questions import Question
from streamproc.customer.state import Customer
from streamproc.events.times import DAY_MS
from streamproc.models.bands import Levels
from streamproc.models.health.amount_metrics import MiddleMetrics
from streamproc.models.learned import AnyLearner
from streamproc.models.learners.base import Answers
from streamproc.models.learners.quantile_regression import QuantileRegression
from streamproc.models.of_orders import OrderPrediction, moved_within


class NextOrderPrediction(OrderPrediction):
    """The question "in how many days?": half order sooner than it says, and four of five between its low and high."""

    kind: Literal["next_order"] = "next_order"
    answers_with: ClassVar[frozenset[Answers]] = frozenset({"interval"})

    learner: AnyLearner = QuantileRegression()
    bands: Levels | None = None

    @property
    def unit(self) -> str:
        """Days from the moment of asking."""
        return "days"

    def answer_of_time(self, question: Question, customer: Customer) -> float:
        """The days until the first order within the horizon; the horizon's, if there is none."""
        ordered = [each.at_ms for each in moved_within(customer, question) if each.kind == "ordered"]
        return (min(ordered, default=question.due_ms) - question.asked_ms) / DAY_MS

    def band(self, value: float) -> str:
        """The band of the number of days; without bands there is one."""
        return self.bands.of(value) if self.bands else "all"

    def new_metrics(self) -> MiddleMetrics:
        """Errors, and how many stay below what was said."""
        return MiddleMetrics()
