"""What a prediction is: a question about a customer that time answers, and a model that learns to answer it before."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Protocol, Self

from pydantic import Field, field_validator, model_validator

from streamproc.customer.questions import Question
from streamproc.customer.state import Customer
from streamproc.events.log import LogEntry
from streamproc.events.times import DAY_MS, HOUR_MS
from streamproc.events.training import Example, Lesson
from streamproc.kinds import Kinds, KindTable
from streamproc.models.health.watched import WatchedMetrics
from streamproc.models.labels import Answer
from streamproc.models.ranking.shop import Product
from streamproc.models.scorer import Model, RewardScorer, Scorer
from streamproc.models.vectors import is_category


class Change(Protocol):
    """What one entry of the log did to a customer (decide's `Moment` fits)."""

    before: Customer | None
    customer: Customer
    entry: LogEntry

    @property
    def happened(self) -> str:
        """The type of the event, if it is an occasion for anything."""
        ...


class ModelMetrics(Protocol):
    """How good one model was; changes with each lesson. `examples`: how many there were."""

    examples: int

    def values(self) -> dict[str, float]:
        """Metric name to value, as far as there is anything to judge."""
        ...


class AnswerMetrics(ModelMetrics, Protocol):
    """How good the released versions of one model were; changes with each answered example."""

    def observe(self, example: Example) -> None:
        """Count an answered example, and judge its score if a version had given one."""
        ...


Reward = Annotated[float, Field(ge=0, le=1_000_000)]

KINDS: Kinds[type["Prediction"]] = Kinds("prediction kind")
"""Every kind of prediction by its name."""


class Prediction(KindTable):
    """A table of `config/models.toml`: what is learned, and of what. Each kind adds its own keys.

    `lateness_hours` is how long a lesson waits for late events; `release_every`: so many lessons make a new version.
    """

    known: ClassVar[Kinds[Any]] = KINDS

    features: tuple[str, ...] = ()
    lateness_hours: Annotated[float, Field(ge=0, le=720)] = 24
    release_every: Annotated[int, Field(ge=1, le=10_000_000)] = 500

    @cached_property
    def lateness_ms(self) -> int:
        """How long a lesson waits for late events, in milliseconds."""
        return round(self.lateness_hours * HOUR_MS)

    @property
    def definition(self) -> str:
        """What is asked, in short: answers to anything else cannot be learned from. Empty: the kind says it all."""
        return ""

    def knowing(self, names: Mapping[str, str]) -> Self:
        """The prediction with other names for some features."""
        return self.model_copy(update={"features": tuple(names.get(each, each) for each in self.features)})

    @abstractmethod
    def new_model(self) -> Model:
        """A model that has learned nothing."""

    @abstractmethod
    def teach(self, model: Model, health: Any, lesson: Lesson) -> bool:
        """Judge the model by a lesson, and have it learn that; False: it is a lesson for another kind.

        `health` is what `new_metrics` made; it changes, and the model does.
        """

    @abstractmethod
    def require(self, model: Model) -> Model:
        """The model, if it is one of those that `new_model` makes, after whatever it has learned.

        Raises:
            SnapshotError: it is another one, or cannot be used.
        """

    def resumed(self, model: Model) -> Model:
        """What learned before under another configuration, perhaps, as it learns on under this one.

        Raises:
            SnapshotError: it cannot.
        """
        new = self.new_model()
        return self.require(model) if type(model) is type(new) else new

    def released(self, model: Model) -> Model:
        """What is released of what learns."""
        return model

    def take_changed(self, model: Model) -> Iterable[tuple[str, Product | None]]:  # noqa: ARG002  few kinds have parts
        """The parts of a model that are kept apart, since it is large, and have changed since the last time; by name.

        None: the part is gone.
        """
        return ()

    def put_back(self, model: Model, part: Product) -> None:
        """Put a part that was kept apart into the model, which changes."""

    @abstractmethod
    def new_metrics(self) -> ModelMetrics:
        """What counts how good its versions are; nothing yet."""

    @abstractmethod
    def parameters(self, model: Model) -> dict[str, float | int | str]:
        """What a version's card says of how it learned."""


HELD_OUT = "held_out"
"""What a question about a treatment has beside its features: 1 for who is held out, 0 for who is treated."""


class AnsweredPrediction(Prediction):
    """A question about a customer, which is answered within a horizon, and learned by features of the customer then."""

    features: Annotated[tuple[str, ...], Field(min_length=1, max_length=64)]
    horizon_days: Annotated[int, Field(ge=1, le=365)] = 28

    @field_validator("features")
    @classmethod
    def _unique(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) != len(names):
            raise ValueError("a feature is named twice")
        return names

    @cached_property
    def horizon_ms(self) -> int:
        """The horizon in milliseconds."""
        return self.horizon_days * DAY_MS

    @cached_property
    def has_categories(self) -> bool:
        """Whether some features are categories."""
        return bool(self.categories)

    @property
    def categories(self) -> list[str]:
        """The features that are categories."""
        return [name for name in self.features if is_category(name)]

    @cached_property
    def feature_set(self) -> str:
        """A short name of what is asked and of the list of features: other questions cannot be learned from."""
        said = "\n".join([*self.features, self.definition] if self.definition else self.features)
        return blake2b(said.encode(), digest_size=4).hexdigest()

    def teach(self, model: Model, health: Any, lesson: Lesson) -> bool:
        """Count the answer, and learn it."""
        if not isinstance(lesson, Example):
            return False
        health.observe(lesson)
        self.judge_training(model, health, lesson)
        self.learn(model, lesson.features, lesson.label)
        return True

    def judge_training(self, model: Model, health: Any, example: Example) -> None:
        """Hear what would have been said by now, whatever was said when it was asked."""

    @abstractmethod
    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """One step of learning; changes the model."""

    @abstractmethod
    def new_metrics(self) -> AnswerMetrics:
        """What counts how good its versions are; nothing yet."""


class AskedPrediction(AnsweredPrediction):
    """Will something happen to a customer within the horizon, or how much? The customer's own events ask and answer.

    `silence` is the label of a question that nothing has answered when its horizon is over.
    """

    silence: ClassVar[float] = 0

    @property
    def asked_with(self) -> tuple[str, ...]:
        """The names of what a question keeps: the features."""
        return self.features

    @property
    def by_time_alone(self) -> bool:
        """Whether, once one question was asked, only time asks the next."""
        return False

    @property
    def unit(self) -> str | None:
        """What the number that is predicted is counted in, None: it is a probability."""
        return None

    @property
    def answers_are_numbers(self) -> bool:
        """Whether an answer is a number in that unit, and not 0 or 1."""
        return self.unit is not None

    def judge_training(self, model: Model, health: Any, example: Example) -> None:
        """Judge what would be said now."""
        if isinstance(health, WatchedMetrics):
            health.judge.observe_training(self.scorer(model).score(example.features).value, example.label)

    @abstractmethod
    def scorer(self, model: Model) -> Scorer:
        """What scores with a model as it is now; it must not learn afterwards."""

    @abstractmethod
    def asks(self, change: Change, *, is_due: bool) -> bool:
        """Whether the question is asked now; `is_due`: it is the time that `ask_due` said."""

    @abstractmethod
    def ask_due(self, customer: Customer, now_ms: int) -> int | None:
        """When to ask again a customer who was asked now, if nothing asks before; None: not by time."""

    @abstractmethod
    def can_answer(self, change: Change) -> bool:
        """Whether an event answers questions; only then those are looked at that are open."""

    @abstractmethod
    def answers(self, asked: tuple[Question, ...], change: Change) -> tuple[Answer, ...]:
        """Which of the open questions such an event answers, and how; the others wait for time."""

    def answer_of_time(self, question: Question, customer: Customer) -> float:  # noqa: ARG002  other kinds look
        """The label of a question whose horizon is over, late events waited for; as the customer is known then."""
        return self.silence

    @abstractmethod
    def band(self, value: float) -> str:
        """What a probability or a number is called."""


class RewardPrediction(AnsweredPrediction):
    """What will an offer bring within the horizon? Asked when chosen, answered by time (`decide/offers/rewards.py`).

    A click on the offer brings `click`, an order of what it offers `order`, in any one unit.
    """

    click: Reward = 0.2
    order: Reward = 1.0

    @model_validator(mode="after")
    def _has_no_categories(self) -> Self:
        if self.has_categories:
            raise ValueError(f"what offers bring is learned of numbers: leave out {', '.join(self.categories)}")
        return self

    @abstractmethod
    def scorer(self, model: Model) -> RewardScorer:
        """What says what each offer is expected to bring; it must not learn afterwards."""

    @property
    @abstractmethod
    def unknown(self) -> float:
        """How far from what the shop expects an offer's reward may well be that nothing was learned of."""


Predictions = Mapping[str, Prediction]
"""The predictions of `config/models.toml` by their names."""

AskedPredictions = Mapping[str, AskedPrediction]
"""Those that customers are asked about."""
