"""Steps of the kind `wait`: for some time, until a time of day by the customer's own clock, or one after the other."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from streamproc.config_file import Days, Hours
from streamproc.decide.journeys.steps.base import Here, JourneyStep, Went
from streamproc.decide.limits import TimeOfDay, next_time
from streamproc.events.times import DAY_MS, HOUR_MS

WAITED = Went("waited")


class WaitStep(JourneyStep):
    """Waits `hours` or `days`, and then (or at once) for the next time that the customer's clock says `until`."""

    kind: Literal["wait"]
    hours: Annotated[Hours, Field(gt=0)] | None = None
    days: Annotated[Days, Field(gt=0)] | None = None
    until: TimeOfDay | None = None

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.hours is not None and self.days is not None:
            raise ValueError("say the time by one of `hours` and `days`")
        if self.hours is None and self.days is None and self.until is None:
            raise ValueError("say for how long by `hours` or `days`, or until when by `until`")
        return self

    @property
    def takes_time(self) -> bool:
        """It always does."""
        return True

    @property
    def length_ms(self) -> int:
        """How long at least, in milliseconds."""
        return max(round((self.hours or 0) * HOUR_MS + (self.days or 0) * DAY_MS), 0 if self.until else 1)

    @property
    def in_words(self) -> str:
        """How long, and until when."""
        lengths = [
            f"{each:g} {unit}{'s' * (each != 1)}" for each, unit in ((self.hours, "hour"), (self.days, "day")) if each
        ]
        return " ".join(["wait", *lengths, *([f"until {self.until}"] if self.until else [])])

    def arrive(self, here: Here) -> int:
        """Stay."""
        until_ms = here.moment.now_ms + self.length_ms
        return until_ms if self.until is None else next_time(self.until, until_ms, here.zone)
