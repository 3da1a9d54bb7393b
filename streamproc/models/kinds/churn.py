"""Predictions of the kind `churn`: will this customer order within the horizon? Who does not has churned.

Asked at an order and then weekly, as long as the customer has ordered within the last year (both settings).
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from streamproc.customer.questions import Question
from streamproc.customer.state import MAX_QUESTIONS, Customer
from streamproc.events.times import DAY_MS
from streamproc.models.asking import has_ordered
from streamproc.models.bands import Bands
from streamproc.models.health.progressive import ProgressiveMetrics
from streamproc.models.kind import Change
from streamproc.models.labels import Answer
from streamproc.models.learned import AnyLearner, LearnedPrediction
from streamproc.models.learners.base import Answers
from streamproc.models.learners.logistic_regression import LogisticRegression

CHURNED, STAYED = 1, 0


class ChurnPrediction(LearnedPrediction):
    """The question "will this customer order within the horizon?", and the model that learns to answer it."""

    kind: Literal["churn"] = "churn"
    answers_with: ClassVar[frozenset[Answers]] = frozenset({"probability"})
    silence: ClassVar[float] = CHURNED

    ask_every_days: Annotated[int, Field(ge=1, le=90)] = 7
    ask_until_quiet_days: Annotated[int, Field(ge=1, le=3650)] = 365
    learner: AnyLearner = LogisticRegression()
    bands: Bands = Bands()

    @model_validator(mode="after")
    def _all_questions_have_room(self) -> Self:
        if self.horizon_ms + self.lateness_ms > MAX_QUESTIONS * self.ask_every_days * DAY_MS:
            raise ValueError(
                f"at most {MAX_QUESTIONS} questions may be open: raise ask_every_days or lower horizon_days"
            )
        return self

    def asks(self, change: Change, *, is_due: bool) -> bool:
        """At an order and then weekly. A late order asks nothing: later ones are in the state already."""
        last = change.customer.last_order_ms
        is_late = last is not None and change.entry.at_ms < last
        return not is_late and (is_due or has_ordered(change))

    def ask_due(self, customer: Customer, now_ms: int) -> int | None:
        """In a week, if the last order is not too long ago then."""
        last, due = customer.last_order_ms, now_ms + self.ask_every_days * DAY_MS
        return None if last is None or due - last > self.ask_until_quiet_days * DAY_MS else due

    def can_answer(self, change: Change) -> bool:
        """An order does."""
        return has_ordered(change)

    def answers(self, asked: tuple[Question, ...], change: Change) -> tuple[Answer, ...]:
        """An order says stayed if it came within the horizon of a question, and churned if after it."""
        return answers_of_order(asked, change.entry.at_ms)

    def band(self, value: float) -> str:
        """The band of the risk."""
        return self.bands.of(value)

    def new_metrics(self) -> ProgressiveMetrics:
        """ROC AUC, log loss, Brier score."""
        return ProgressiveMetrics()


def answers_of_order(asked: tuple[Question, ...], order_ms: int) -> tuple[Answer, ...]:
    """What an order says of the questions that were asked before it."""
    return tuple(
        Answer(question, STAYED if order_ms <= question.due_ms else CHURNED)
        for question in asked
        if order_ms > question.asked_ms
    )
