"""Segments and tags that come and go by time alone: when a customer's next one does, and the timer that says so.

A feature passes a limit at an exact moment (`customer/features/turning.py`); that need not change anything. A moment
within a day is looked into at once. A later one is taken as it is, and if it turns out to be for nothing, the next is
looked for until it changes something: so nobody is woken for nothing twice without an event of theirs in between.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from streamproc.customer.features import FEATURES, Feature, Features
from streamproc.customer.features.turning import TURNS, Turn, Watch, daily, never
from streamproc.customer.state import Customer
from streamproc.customer.tags import DAYS_TAGGED, tagging
from streamproc.customer.view import CustomerView
from streamproc.decide.moment import Moment
from streamproc.decide.segments.membership import Membership
from streamproc.events.times import DAY_MS

DECAY = "decay"
"""The timer."""

FILL = "fill"
"""The timer that runs out when a customer is looked at by new tags and segments (`filling.py`)."""

MOST_LOOKS = 400
"""So many moments are looked into at once; then the next one is taken as it is."""


IsChanged = Callable[[Customer, Sequence[str]], bool]
"""Whether a customer who belongs to these has been found to belong to others."""


@dataclass(frozen=True)
class Watched:
    """A feature that is asked for.

    Attributes:
        ladder: which one of the membership's.
        watch: when time takes it to another place among its limits.
    """

    ladder: int
    watch: Watch


@dataclass(frozen=True)
class Decay:
    """What time does to the segments of a plan, or to its tags.

    Attributes:
        functions: the features that there are.
        membership: who belongs to the segments.
        is_changed: whether somebody belongs to others than was found.
        watched: the features that they ask for, and that time changes.
    """

    functions: Mapping[str, Feature]
    membership: Membership
    is_changed: IsChanged
    watched: Sequence[Watched]

    @classmethod
    def of(
        cls,
        membership: Membership,
        is_changed: IsChanged,
        functions: Mapping[str, Feature],
        declared: Mapping[str, Turn],
    ) -> "Decay":
        """What the segments ask for; what only events change needs no watching."""
        tagged = {name: tagging(name.removeprefix(DAYS_TAGGED)).turn for name in membership.tagged}
        known: Mapping[str, Turn] = {**dict.fromkeys(FEATURES, daily), **TURNS, **declared, **tagged}
        watched = [
            Watched(number, known[name](functions[name], limits))
            for number, (name, limits, _) in enumerate(membership.ladders)
            if limits and known[name] is not never
        ]
        return cls(functions, membership, is_changed, watched)

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
        """Take features to their new places; whether a segment changes then."""
        for each in turned:
            places[each.ladder] = self.membership.place(each.ladder, ahead)
        members = self.membership.members(self.membership.bits(places, ahead))
        return self.is_changed(ahead.view.customer, members)


def set_decay(
    moment: Moment, view: CustomerView, decays: Sequence[tuple[Decay, Sequence[int]]], *, has_changed: bool
) -> None:
    """Set the customer's timer, given the places of features in a view; after one for nothing the next is exact."""
    exactly = moment.is_due(DECAY) and not has_changed
    moments = [decay.due(view, places, exactly=exactly) for decay, places in decays if decay.watched]
    moment.set_timer(DECAY, min([due for due in moments if due is not None], default=None))
