"""Predictions of the kind `amount`: how many orders, or how much net revenue, will the horizon bring?

Net revenue of the next 90 days is what a customer is worth to come: his predicted lifetime value for that time.
"""

from typing import ClassVar, Literal

from streamproc.customer.questions import Question
from streamproc.customer.state import Customer
from streamproc.events.money import MICROS
from streamproc.models.bands import Levels
from streamproc.models.health.amount_metrics import AmountMetrics, MiddleMetrics
from streamproc.models.learned import AnyLearner
from streamproc.models.learners.base import Answers
from streamproc.models.learners.bayesian_regression import BayesianRegression
from streamproc.models.of_orders import OrderPrediction, moved_within


class AmountPrediction(OrderPrediction):
    """The question "how much will there be of it within the horizon?".

    Attributes:
        of: `orders`, each that counts, or `net_revenue`, in units of the shop's money: what was ordered within the
            horizon less what went back within it, whenever it was ordered.
    """

    kind: Literal["amount"] = "amount"
    answers_with: ClassVar[frozenset[Answers]] = frozenset({"number", "interval"})

    of: Literal["orders", "net_revenue"]
    learner: AnyLearner = BayesianRegression()
    bands: Levels | None = None

    @property
    def unit(self) -> str:
        """Orders, or the shop's money."""
        return self.of

    def answer_of_time(self, question: Question, customer: Customer) -> float:
        """What the ledger says of the horizon."""
        moved = moved_within(customer, question)
        if self.of == "orders":
            return float(sum(each.kind == "ordered" for each in moved))
        return sum((each.micros or 0) * (1 if each.kind == "ordered" else -1) for each in moved) / MICROS

    def band(self, value: float) -> str:
        """The band of the number; without bands there is one."""
        return self.bands.of(value) if self.bands else "all"

    def new_metrics(self) -> AmountMetrics:
        """Errors beside the mean's, and the bias; of who learns between what it will lie, how many stay below."""
        return MiddleMetrics() if self.learner.answers == "interval" else AmountMetrics()
