"""Predictions of the kind `uplift`: how much likelier is an event within the horizon with a trigger than without?

Asked of each customer once, at the trigger's first occasion (`decide/predictions/occasions.py`): whether it is sent or
the holdout keeps it back is decided by chance, and after the question. Positive is who is persuadable; near 0 are sure
things, who do it anyway, and lost causes, who never do; negative are sleeping dogs.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import orjson
from pydantic import Field, field_validator

from streamproc.config_file import RuleName
from streamproc.customer.state import Customer
from streamproc.models.estimators.uplift_model import (
    MOST_FEATURES,
    FrozenUplift,
    ReleasedUplift,
    UpliftModel,
    require_uplift,
)
from streamproc.models.event_question import EventQuestion
from streamproc.models.health.uplift_metrics import UpliftMetrics
from streamproc.models.kind import HELD_OUT, Change
from streamproc.models.scorer import Model
from streamproc.models.vectors import is_category

HOW = {"lateness_hours", "release_every", "ridge", "persuadable_from"}
"""The keys of a table that do not say what is asked, and of what."""

OF_MESSAGES = {"opens_28d", "clicks_28d", "log_opens_28d", "log_clicks_28d", "engagement", "cluster"}
"""Features that messages move. Who is held out gets none: they would say who that is, not what a customer is like."""


class UpliftPrediction(EventQuestion):
    """The question "what does this trigger change?".

    Attributes:
        trigger: the trigger whose occasions ask.
        ridge: so many held-out examples say that a feature changes nothing in what it does.
        persuadable_from: from so much likelier on, somebody is called persuadable; from so much less, a sleeping dog.
    """

    kind: Literal["uplift"] = "uplift"

    trigger: RuleName
    features: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_FEATURES)]
    ridge: Annotated[float, Field(ge=1, le=10_000)] = 100.0
    persuadable_from: Annotated[float, Field(gt=0, lt=1)] = 0.02

    @field_validator("features")
    @classmethod
    def _alike_for_both(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if categories := [name for name in names if is_category(name)]:
            raise ValueError(f"uplift is learned of numbers: leave out {', '.join(categories)}")
        if of_messages := sorted(OF_MESSAGES.intersection(names)):
            raise ValueError(f"who is held out gets no messages, which move these: leave out {', '.join(of_messages)}")
        return names

    @property
    def unit(self) -> str:
        """A difference of two probabilities."""
        return "uplift"

    @property
    def answers_are_numbers(self) -> bool:
        """The event comes, or does not."""
        return False

    @property
    def asked_with(self) -> tuple[str, ...]:
        """The features, and whether the customer was held out."""
        return (*self.features, HELD_OUT)

    @property
    def definition(self) -> str:
        """The trigger, the answer, and the features: the sums that are learned are of these."""
        plain = self.model_dump(mode="json", exclude=HOW)
        return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()

    def asks(self, change: Change, *, is_due: bool) -> bool:  # noqa: ARG002  the shape of all kinds
        """No event does, and no time: the trigger's occasion does."""
        return False

    def ask_due(self, customer: Customer, now_ms: int) -> None:  # noqa: ARG002  as above
        """Never again."""
        return

    def band(self, value: float) -> str:
        """What the field calls such a customer; sure things and lost causes are both `indifferent`."""
        if abs(value) < self.persuadable_from:
            return "indifferent"
        return "persuadable" if value > 0 else "sleeping_dog"

    def new_model(self) -> UpliftModel:
        """Nothing is known."""
        return UpliftModel(self.features)

    def new_metrics(self) -> UpliftMetrics:
        """The average effect, and the Qini curve's area."""
        return UpliftMetrics()

    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """One example of who was treated, or held out."""
        model.learn(features, label, held_out=bool(features.get(HELD_OUT)))

    def judge_training(self, model: Model, health: UpliftMetrics, example: object) -> None:  # noqa: ARG002  as above
        """What has been found out of the scores goes with the model."""
        model.carries = health.carries

    def require(self, model: Model) -> UpliftModel | ReleasedUplift:
        """One that learns by these features, or what is released of one."""
        return require_uplift(model)

    def released(self, model: Model) -> ReleasedUplift:
        """What both responses come to now."""
        return ReleasedUplift(model, self.ridge)

    def scorer(self, model: Model) -> FrozenUplift:
        """How much likelier it is with the treatment."""
        return FrozenUplift.of(model if isinstance(model, ReleasedUplift) else self.released(model))

    def parameters(self, model: Model) -> dict[str, float | int | str]:
        """How both were learned, from how many, and whether scores are given out."""
        treated, held_out = model.treated.examples, model.held_out.examples
        says = "yes" if model.carries else "not yet: those who were moved were not surely found"
        return {"ridge": self.ridge, "treated": treated, "held_out": held_out, "scores given out": says}
