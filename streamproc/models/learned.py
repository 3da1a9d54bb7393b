"""A prediction that one of the learners learns: which one, a table of the configuration says."""

from collections.abc import Mapping
from contextlib import suppress
from math import log
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from streamproc.config_file import RuleName
from streamproc.models.contest import Contest, require_contest
from streamproc.models.kind import AskedPrediction
from streamproc.models.learners import Learner
from streamproc.models.learners.base import Answers
from streamproc.models.scorer import Model, Scorer
from streamproc.models.snapshot_error import SnapshotError

AnyLearner = Annotated[SerializeAsAny[Learner], BeforeValidator(Learner.read)]


FIRST = "learner"
"""The name of the one that is challenged, if there are challengers."""

MAX_CHALLENGERS = 4
SMALLEST = 1e-6
"""Log loss is of probabilities between this and one less this: a single sure mistake must not be infinite."""


class LearnedPrediction(AskedPrediction):
    """A question to customers whose answers learners of the configuration learn; `answers_with`: what these must say.

    Attributes:
        learner: who learns, and is released at first.
        challengers: who learns from the same examples, and may take its place.
        promote_after: after so many examples at least.
        promote_margin: if better by more than this share of the loss.
    """

    answers_with: ClassVar[frozenset[Answers]]

    learner: AnyLearner
    challengers: Annotated[dict[RuleName, AnyLearner], Field(max_length=MAX_CHALLENGERS)] = Field(default_factory=dict)
    promote_after: Annotated[int, Field(ge=100, le=10_000_000)] = 2_000
    promote_margin: Annotated[float, Field(ge=0, lt=1)] = 0.01

    @property
    def contenders(self) -> Mapping[str, Learner]:
        """All who learn, by their names."""
        return {FIRST: self.learner, **self.challengers}

    @model_validator(mode="after")
    def _learners_fit(self) -> Self:
        if FIRST in self.challengers:
            raise ValueError(f"a challenger cannot be called {FIRST!r}: that is the one that it challenges")
        for learner in self.contenders.values():
            self._require_fitting(learner)
        return self

    def _require_fitting(self, learner: Learner) -> None:
        if learner.answers not in self.answers_with:
            said, wanted = learner.answers, " or ".join(f"a {each}" for each in sorted(self.answers_with))
            raise ValueError(f"{self.kind} needs a learner of {wanted}; {learner.kind} learns a {said}")
        if self.has_categories and not learner.knows_categories:
            raise ValueError(f"{learner.kind} knows no categories: leave out {', '.join(self.categories)}")
        if len(self.features) > (most := learner.most_features):
            raise ValueError(f"{learner.kind} learns from {most} features at most: drop some")

    def new_model(self) -> Model:
        """As the learner makes it; with challengers, all of them."""
        if not self.challengers:
            return self.learner.new_model()
        return Contest(FIRST, self._new_models())

    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """As the learners learn; who challenges is compared before."""
        if not isinstance(model, Contest):
            self.learner.learn(model, features, label)
            return
        contenders = self.contenders
        said = {name: contenders[name].scorer(each).score(features).value for name, each in model.models.items()}
        model.compare({name: loss(self.learner.answers, value, label) for name, value in said.items()})
        for name, each in model.models.items():
            contenders[name].learn(each, features, label)
        model.promote(self.promote_after, self.promote_margin)

    def require(self, model: Model) -> Model:
        """A model of one of the learners."""
        return self._learner_of(model).require(model)

    def resumed(self, model: Model) -> Model:
        """What learned before, with those who learn now: who is new begins with nothing."""
        contest = require_contest(model) if isinstance(model, Contest) else Contest(FIRST, {FIRST: model})
        new = self._new_models()
        contest.entered(new)
        for name, each in new.items():
            if type(contest.models[name]) is type(each):
                self.contenders[name].require(contest.models[name])
            else:
                contest.begins_anew(name, each)
        return contest if self.challengers else contest.released

    def released(self, model: Model) -> Model:
        """The champion's."""
        return model.released if isinstance(model, Contest) else model

    def scorer(self, model: Model) -> Scorer:
        """As the learner scores, or the champion."""
        champion = self.released(model)
        return self._learner_of(champion).scorer(champion)

    def parameters(self, model: Model) -> dict[str, float | int | str]:
        """The learner and its parameters; with challengers, which of them is released."""
        if not isinstance(model, Contest):
            return self.learner.parameters()
        return {"champion": model.champion} | self.contenders[model.champion].parameters()

    def _new_models(self) -> dict[str, Model]:
        return {name: each.new_model() for name, each in self.contenders.items()}

    def _learner_of(self, model: Model) -> Learner:
        """Who can have made it: the first that says so, else the first of all, who says what is wrong."""
        for learner in self.contenders.values():
            with suppress(SnapshotError):
                learner.require(model)
                return learner
        return self.learner


def loss(answers: Answers, said: float, happened: float) -> float:
    """What a prediction lost by an answer: log loss, squared error, or the distance from the middle."""
    if answers == "probability":
        sure = max(SMALLEST, min(1 - SMALLEST, said))
        return -log(sure if happened else 1 - sure)
    return (said - happened) * (said - happened) if answers == "number" else abs(said - happened)
