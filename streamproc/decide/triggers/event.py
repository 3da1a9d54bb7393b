"""Triggers of the kind `event`: something happened, and the conditions hold."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from streamproc.decide.moment import Moment
from streamproc.decide.triggers.base import Candidate, TriggerRule, known_event


class EventTrigger(TriggerRule):
    """Fires on one of the events in `on`."""

    kind: Literal["event"]
    on: Annotated[tuple[Annotated[str, AfterValidator(known_event)], ...], Field(min_length=1)]

    @property
    def wakes_on(self) -> frozenset[str]:
        """The events that it fires on."""
        return frozenset(self.on)

    def consider(self, moment: Moment) -> Candidate | None:
        """Fire if the conditions hold."""
        return self.candidate(moment, moment.entry.position) if self.fits(moment) else None
