"""Segments that are entered and left by time alone: when the next one is, of one customer, and the timer that says so.

A feature passes a limit at an exact moment (`customer/features/turning.py`); that need not change any segment. A moment
within a day is looked into at once. A later one is taken as it is, and if it turns out to be for nothing, the next is
looked for until it changes something: so nobody is woken for nothing twice without an event of theirs in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamproc.customer.features import FEATURES, Feature, Features
from streamproc.customer.features.turning import TURNS, Turn, Watch, daily, never
from streamproc.customer.view import CustomerView
from streamproc.decide.membership import Membership, Segmented, belongs
from streamproc.decide.moment import Moment
from streamproc.decide.segments import SegmentSettings
from streamproc.events.times import DAY_MS

DECAY = "decay"
"""The timer."""

MOST_LOOKS = 400
"""So many moments are looked into at once; then the next one is taken as it is."""


@dataclass(frozen=True)
class Watched:
    """A feature that segments ask for.

    Attributes:
        ladder: which one of the membership's.
        watch: when time takes it to another place among its limits.
        segments: those that ask for it.
    """

    ladder: int
    watch: Watch
    segments: Sequence[Segmented]


@dataclass(frozen=True)
class Decay:
    """What time does to the segments of a plan.

    Attributes:
        functions: the features that there are.
        membership: who belongs to the segments.
        watched: the features that they ask for, and that time changes.
    """

    functions: Mapping[str, Feature]
    membership: Membership
    watched: Sequence[Watched]

    @classmethod
    def of(cls, settings: SegmentSettings, functions: Mapping[str, Feature], declared: Mapping[str, Turn]) -> "Decay":
        """What the segments ask for; what only events change needs no watching."""
        known: Mapping[str, Turn] = {**dict.fromkeys(FEATURES, daily), **TURNS, **declared}
        membership = settings.membership
        watched = [
            Watched(number, known[name](functions[name], limits), _asking(settings, name))
            for number, (name, limits, _) in enumerate(membership.ladders)
            if limits and known[name] is not never
        ]
        return cls(functions, membership, watched)

    def due(self, view: CustomerView, places: Sequence[int], *, exactly: bool) -> int | None:
        """When to look at a customer next, if no event comes; `exactly`: only when a segment does change.

        `places` are those of the customer's features now.
        """
        moments = [each.watch(view, places[each.ladder]) for each in self.watched]
        due = min([moment for moment in moments if moment is not None], default=None)
        if due is None or not (exactly or due < view.now_ms + DAY_MS):
            return due
        return self._looked_for(view, places, moments, exactly=exactly)

    def _looked_for(
        self, view: CustomerView, places: Sequence[int], moments: Sequence[int | None], *, exactly: bool
    ) -> int | None:
        """The first moment that changes a segment, or is not to be looked into."""
        places, moments, soon_ms = list(places), list(moments), view.now_ms + DAY_MS
        for _ in range(MOST_LOOKS):
            due = min([moment for moment in moments if moment is not None], default=None)
            if due is None or not (exactly or due < soon_ms):
                return due
            ahead = Features(view.at(due), self.functions)
            turned = [number for number, moment in enumerate(moments) if moment == due]
            if self._changes(ahead, places, [self.watched[number] for number in turned]):
                return due
            for number in turned:
                each = self.watched[number]
                moments[number] = each.watch(ahead.view, places[each.ladder])
        return min([moment for moment in moments if moment is not None], default=None)

    def _changes(self, ahead: Features, places: list[int], turned: Sequence[Watched]) -> bool:
        """Take features to their new places; whether a segment changes that asks for them; no other one can."""
        for each in turned:
            places[each.ladder] = self.membership.place(each.ladder, ahead)
        members, found = ahead.view.customer.segments, self.membership.bits(places, ahead)
        return any(belongs(segment, found) != (segment.name in members) for each in turned for segment in each.segments)


def set_decay(moment: Moment, decay: Decay, places: Sequence[int], *, has_changed: bool) -> None:
    """Set the customer's timer; one that ran out for nothing says that the next must not."""
    exactly = moment.is_due(DECAY) and not has_changed
    moment.set_timer(DECAY, decay.due(moment.features.view, places, exactly=exactly) if decay.watched else None)


def _asking(settings: SegmentSettings, feature: str) -> Sequence[Segmented]:
    """The segments that ask for a feature."""
    asking = {
        segment.name
        for segment in settings.segment
        if any(name == feature for condition in segment.where for name, _ in condition.limits())
    }
    return [segment for segment in settings.membership.segments if segment.name in asking]
