"""Predictions of the kind `churn`: will this customer order within the horizon? Who does not has churned.

Asked at an order and then weekly, as long as the customer has ordered within the last year (both settings).
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from streamproc.config_file import Table
from streamproc.customer.questions import Question
from streamproc.customer.state import MAX_QUESTIONS, Customer
from streamproc.events.times import DAY_MS
from streamproc.models import logistic
from streamproc.models.frozen import FrozenLogistic
from streamproc.models.health import ProgressiveMetrics
from streamproc.models.kind import AskedPrediction, Change, Model
from streamproc.models.labels import Answer

CHURNED, STAYED = 1, 0


class Bands(Table):
    """From which probability on a churn risk is called medium, and from which high."""

    medium: Annotated[float, Field(gt=0, lt=1)] = 0.5
    high: Annotated[float, Field(gt=0, lt=1)] = 0.8

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.medium >= self.high:
            raise ValueError("medium must be below high")
        return self

    def of(self, probability: float) -> str:
        """The band of a probability."""
        return "high" if probability >= self.high else "medium" if probability >= self.medium else "low"


class ChurnPrediction(AskedPrediction):
    """The question "will this customer order within the horizon?", and the model that learns to answer it."""

    kind: Literal["churn"] = "churn"
    silence: ClassVar[int] = CHURNED

    ask_every_days: Annotated[int, Field(ge=1, le=90)] = 7
    ask_until_quiet_days: Annotated[int, Field(ge=1, le=3650)] = 365
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.02
    l2: Annotated[float, Field(ge=0, le=1)] = 1e-4
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

    def band(self, probability: float) -> str:
        """The band of the risk."""
        return self.bands.of(probability)

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

    def new_metrics(self) -> ProgressiveMetrics:
        """ROC AUC, log loss, Brier score."""
        return ProgressiveMetrics()

    def parameters(self) -> dict[str, float | int | str]:
        """How fast it learned."""
        return {"learning_rate": self.learning_rate, "l2": self.l2}


def has_ordered(change: Change) -> bool:
    """Whether the entry is an order that counts."""
    return change.customer.orders > (change.before.orders if change.before else 0)


def answers_of_order(asked: tuple[Question, ...], order_ms: int) -> tuple[Answer, ...]:
    """What an order says of the questions that were asked before it."""
    return tuple(
        Answer(question, STAYED if order_ms <= question.due_ms else CHURNED)
        for question in asked
        if order_ms > question.asked_ms
    )
