"""What every learner can do: learn from one example at a time, be written as data, and be frozen into a scorer."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from streamproc.kinds import Kinds, KindTable
from streamproc.models.scorer import Model, Scorer

Answers = Literal["probability", "number", "interval"]
"""What a learner learns to say: how likely something is, how much there will be, or between what it will lie."""

LEARNERS: Kinds[type["Learner"]] = Kinds("learner")
"""Every learner by its name."""


class Learner(KindTable):
    """How a prediction learns: `learner = { kind = "logistic_regression", learning_rate = 0.01 }` in models.toml."""

    known: ClassVar[Kinds[Any]] = LEARNERS
    answers: ClassVar[Answers]
    knows_categories: ClassVar[bool] = False
    most_features: ClassVar[int] = 64

    @abstractmethod
    def new_model(self) -> Model:
        """A model that has learned nothing."""

    @abstractmethod
    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """One step of learning; changes the model."""

    @abstractmethod
    def require(self, model: Model) -> Model:
        """The model, if it is one of those that `new_model` makes, after whatever it has learned.

        Raises:
            SnapshotError: it is another one, or cannot be used.
        """

    @abstractmethod
    def scorer(self, model: Model) -> Scorer:
        """What scores with a model as it is now; it must not learn afterwards."""

    def parameters(self) -> dict[str, float | int | str]:
        """What a version's card says of how it learned."""
        said = self.model_dump()
        return {"learner": said.pop("kind")} | said
