"""Triggers of the kind `threshold`: a score or a feature crosses a line, and must come back before it can again."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from streamproc.config_file import Number
from streamproc.customer.state import Customer
from streamproc.decide.finding import Finding
from streamproc.decide.moment import BY_MACHINE, CORRECTED, Moment
from streamproc.decide.triggers.base import Candidate, TriggerRule
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.times import rfc3339

T = TypeVar("T")


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
        value, customer = self._value(moment), moment.customer
        if value is None:
            return None
        name, crossed = self.name, customer.crossed
        if value < self.above and (name in crossed or name in customer.refused):
            self._come_back(customer, value)
            return None
        if name in crossed:
            return None
        if value < self.above or not self.fits(moment):
            return None
        customer.crossed = {**crossed, self.name: moment.now_ms}
        return self.candidate(moment, moment.entry.position, {self.score or self.feature or "": round(value, 6)})

    @property
    def stays_armed(self) -> bool:
        """Who was refused a message above the line may get it later, without coming back first."""
        return True

    def was_refused(self, moment: Moment) -> None:
        """It is armed again."""
        self._arm(moment.customer)

    def occasion(self, moment: Moment) -> Iterator[Finding]:
        """Where the value is, and whether it can cross the line."""
        customer, name = moment.customer, self.score or self.feature or ""
        known = customer.scores.get(name)
        value = moment.features[name] if self.feature else known.value if known else None
        said = "not known yet" if value is None else f"{value:.4g}"
        yield Finding("occasion", f"{name} reaches {self.above:g}", said, value is not None and value >= self.above)
        crossed_ms = customer.crossed.get(self.name)
        below = self.above if self.reset_below is None else self.reset_below
        since = "" if crossed_ms is None else f"crossed at {rfc3339(crossed_ms)}; armed again below {below:g}"
        yield Finding("occasion", "armed", since or "yes", crossed_ms is None)

    def _come_back(self, customer: Customer, value: float) -> None:
        """Below the line it is armed, and whatever refused it is forgotten."""
        if value < (self.above if self.reset_below is None else self.reset_below):
            self._arm(customer)
            customer.refused = _without(customer.refused, self.name)

    def _arm(self, customer: Customer) -> None:
        customer.crossed = _without(customer.crossed, self.name)

    def _value(self, moment: Moment) -> float | None:
        """The score if one was computed now, or the feature."""
        if self.score is not None:
            scored = moment.scored.get(self.score)
            return scored.value if scored else None
        return moment.features[self.feature] if self.feature else None


def _without(named: dict[str, T], name: str) -> dict[str, T]:
    """The same without one; the same object if that is not in it."""
    return {key: value for key, value in named.items() if key != name} if name in named else named
