"""Triggers of the kind `segment`: somebody entered a segment, or left it."""

from collections.abc import Iterator
from typing import Literal

from streamproc.config_file import RuleName
from streamproc.decide.finding import Finding
from streamproc.decide.moment import SEGMENTS, Moment
from streamproc.decide.triggers.base import Candidate, TriggerRule
from streamproc.events.decisions import SegmentChange
from streamproc.events.times import rfc3339


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

    def occasion(self, moment: Moment) -> Iterator[Finding]:
        """Since when the customer is a member."""
        since_ms = moment.customer.segments.get(self.segment)
        said = "not a member" if since_ms is None else f"a member since {rfc3339(since_ms)}"
        yield Finding("occasion", f"{self.change} {self.segment}", said)
