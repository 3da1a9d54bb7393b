"""Steps of the kind `condition`: goes on with one step or another, as the customer is and as the last message fared."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from streamproc.config_file import RuleName
from streamproc.decide.checks import Check
from streamproc.decide.conditions import Condition, check_of
from streamproc.decide.conditions_in_words import in_words
from streamproc.decide.journeys.steps.base import END, Here, JourneyStep, Went


class ConditionStep(JourneyStep):
    """Goes on with the step `then` if all of `where` hold, else with `otherwise`: `end`, or left out the next step."""

    kind: Literal["condition"]
    where: Annotated[tuple[Condition, ...], Field(min_length=1)]
    then: RuleName | None = None
    otherwise: RuleName | None = None

    @model_validator(mode="after")
    def _decides_something(self) -> Self:
        if self.then == self.otherwise:
            raise ValueError("`then` and `otherwise` go to the same step: say where it goes on if the conditions hold")
        return self

    @property
    def jumps(self) -> tuple[str, ...]:
        """The steps that it names."""
        return tuple(name for name in (self.then, self.otherwise) if name not in (None, END))

    @property
    def goes_on(self) -> bool:
        """Whether one of the two is left out."""
        return self.then is None or self.otherwise is None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its own."""
        return self.where

    @property
    def in_words(self) -> str:
        """What is asked, and where each answer leads."""
        asked = " and ".join(map(in_words, self.where))
        return f"if {asked}: {self.then or 'the next'}, else {self.otherwise or 'the next'}"

    @cached_property
    def _check(self) -> Check:
        return check_of(self.where)

    def arrive(self, here: Here) -> Went:
        """Decide at once."""
        return Went("held", self.then) if self._check(here.features) else Went("not_held", self.otherwise)
