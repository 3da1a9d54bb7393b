"""Triggers of the kind `segment`: somebody entered a segment, or left it."""

from typing import Literal

from streamproc.config_file import RuleName
from streamproc.decide.moment import SEGMENTS, Moment
from streamproc.decide.triggers.base import Candidate, TriggerRule
from streamproc.events.decisions import SegmentChange


class SegmentTrigger(TriggerRule):
    """Fires when a customer enters `segment`, or with `change = "left"` leaves it, also by time alone."""

    kind: Literal["segment"]
    segment: RuleName
    change: Literal["entered", "left"] = "entered"

    @property
    def wakes_on(self) -> frozenset[str]:
        """A change of segments, whatever has made it."""
        return frozenset((SEGMENTS,))

    def consider(self, moment: Moment) -> Candidate | None:
        """Fire if it is this segment's change, and the conditions hold."""
        changed = any(
            isinstance(each, SegmentChange) and each.segment == self.segment and each.change == self.change
            for each in moment.changes
        )
        return self.candidate(moment, moment.entry.position) if changed and self.fits(moment) else None
