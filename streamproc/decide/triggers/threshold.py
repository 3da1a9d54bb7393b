"""Triggers of the kind `threshold`: a score or a feature crosses a line, and must come back before it can again."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from streamproc.config_file import Number
from streamproc.decide.moment import BY_MACHINE, CORRECTED, Moment
from streamproc.decide.triggers.base import Candidate, TriggerRule
from streamproc.events.raw import EVENT_TYPES


class ThresholdTrigger(TriggerRule):
    """Fires when `score` or `feature` reaches `above`; is armed again below `reset_below` (hysteresis)."""

    kind: Literal["threshold"]
    score: str | None = None
    feature: str | None = None
    above: Number
    reset_below: Annotated[Number | None, Field(description="default: `above` itself")] = None

    @model_validator(mode="after")
    def _one_line(self) -> Self:
        if (self.score is None) == (self.feature is None):
            raise ValueError("name either score or feature")
        if self.reset_below is not None and self.reset_below > self.above:
            raise ValueError("reset_below must not be above `above`")
        return self

    @property
    def wakes_on(self) -> frozenset[str]:
        """Everything: any event, a correction, and the weekly questions, can move the value."""
        return frozenset(EVENT_TYPES) | {"timer_due", CORRECTED, BY_MACHINE}

    def consider(self, moment: Moment) -> Candidate | None:
        """Fire at the crossing, once."""
        value = self._value(moment)
        if value is None:
            return None
        crossed = moment.customer.crossed
        if self.name in crossed:
            if value < (self.above if self.reset_below is None else self.reset_below):
                moment.customer.crossed = {name: at for name, at in crossed.items() if name != self.name}
            return None
        if value < self.above or not self.fits(moment):
            return None
        moment.customer.crossed = {**crossed, self.name: moment.now_ms}
        return self.candidate(moment, moment.entry.position, {self.score or self.feature or "": round(value, 6)})

    def _value(self, moment: Moment) -> float | None:
        """The score if one was computed now, or the feature."""
        if self.score is not None:
            scored = moment.scored.get(self.score)
            return scored.value if scored else None
        return moment.features[self.feature] if self.feature else None
