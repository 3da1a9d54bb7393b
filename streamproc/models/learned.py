"""A prediction that one of the learners learns: which one, a table of the configuration says."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, SerializeAsAny, model_validator

from streamproc.models.kind import AskedPrediction
from streamproc.models.learners import Learner
from streamproc.models.learners.base import Answers
from streamproc.models.scorer import Model, Scorer

AnyLearner = Annotated[SerializeAsAny[Learner], BeforeValidator(Learner.read)]


class LearnedPrediction(AskedPrediction):
    """A question to customers whose answers a learner of the configuration learns; `answers`: what it must say."""

    answers_with: ClassVar[frozenset[Answers]]

    learner: AnyLearner

    @model_validator(mode="after")
    def _learner_fits(self) -> Self:
        if self.learner.answers not in self.answers_with:
            said, wanted = self.learner.answers, " or ".join(f"a {each}" for each in sorted(self.answers_with))
            raise ValueError(f"{self.kind} needs a learner of {wanted}; {self.learner.kind} learns a {said}")
        if self.has_categories and not self.learner.knows_categories:
            raise ValueError(f"{self.learner.kind} knows no categories: leave the features out that begin with trait.")
        if len(self.features) > self.learner.most_features:
            raise ValueError(
                f"{self.learner.kind} learns from {self.learner.most_features} features at most: drop some"
            )
        return self

    def new_model(self) -> Model:
        """As the learner makes it."""
        return self.learner.new_model()

    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """As the learner learns."""
        self.learner.learn(model, features, label)

    def require(self, model: Model) -> Model:
        """A model of the learner."""
        return self.learner.require(model)

    def scorer(self, model: Model) -> Scorer:
        """As the learner scores."""
        return self.learner.scorer(model)

    def parameters(self) -> dict[str, float | int | str]:
        """The learner and its parameters."""
        return self.learner.parameters()
