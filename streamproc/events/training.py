"""What is learned from: answered questions, and baskets (`streamproc.training.v1`)."""

from dataclasses import dataclass, field
from typing import Literal

from streamproc.events.position import Position
from streamproc.value import value


@value
class Example:
    """Features as they were when the question was asked, and the answer.

    Attributes:
        model: whose question it is, such as `churn`.
        subject: a keyed digest of the customer and the question, to order and to tell apart, never to identify; of a
            sample it is the customer's, for this model.
        asked_ms: when it was asked; features and score are of this moment (epoch ms).
        answered_ms: when the answer was known (epoch ms).
        features: name to value.
        label: 0 or 1; of an offer what it brought, in the unit of its rewards.
        score: what the model said when asked (of an offer what it would bring), None if no version had been released.
        model_version: which version said it.
        due_ms: when the answer is known whatever it is (epoch ms); examples are learned then, and in this order.
        position: where the log says so, known once decide writes it; one that comes again is not learned again.
        treated: a message or an offer went to the customer after it was asked, so what happened may be its effect.
        held_out: the customer is of the control, whose offers nothing learned chooses.
    """

    model: str
    subject: str
    asked_ms: int
    answered_ms: int
    features: dict[str, float]
    label: float
    score: float | None
    model_version: str | None
    due_ms: int = 0
    position: Position | None = None
    treated: bool = False
    held_out: bool = False
    type: Literal["example"] = "example"

    def placed(self, position: Position) -> "Example":
        """The example, with the place where the log says so."""
        return Example(
            self.model, self.subject, self.asked_ms, self.answered_ms, self.features, self.label, self.score,
            self.model_version, self.due_ms, position, self.treated, self.held_out,
        )  # fmt: skip


@value
class Basket:
    """A basket, and what its customer had bought before: what a ranking of products learns from.

    Attributes:
        model: which ranking it is for, such as `for_you`.
        subject: a keyed digest of the customer and the moment, to order and to tell apart, never to identify.
        at_ms: when it was bought (epoch ms).
        due_ms: when it is learned, late ones waited for (epoch ms); baskets are learned in this order.
        skus: its paid products, each once.
        before: the purchases before it, as a customer's state keeps them (`customer/purchases.py`).
        position: where the log says so, known once decide writes it; one that comes again is not learned again.
    """

    model: str
    subject: str
    at_ms: int
    due_ms: int
    skus: tuple[str, ...]
    before: str
    position: Position | None = None
    type: Literal["basket"] = "basket"

    def placed(self, position: Position) -> "Basket":
        """The basket, with the place where the log says so."""
        return Basket(self.model, self.subject, self.at_ms, self.due_ms, self.skus, self.before, position)


Lesson = Example | Basket
"""What is learned from."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a released version (`streamproc.models.v1`): how it was trained and how good it was.

    `notes` says what a metric is about where that is no number: which feature has the
    largest `psi`, and beside which version.
    """

    model: str
    version: str
    examples: int
    trained_through: str
    features: tuple[str, ...]
    metrics: dict[str, float]
    parameters: dict[str, float | int | str]
    snapshot: str
    signature: str
    notes: dict[str, str] = field(default_factory=dict)
    type: Literal["model_released"] = "model_released"
