"""Segments that are entered and left by time alone: when the next one is, of one customer, and the timer that says so.

A feature passes a limit at an exact moment (`customer/features/turning.py`); that need not change any segment. A moment
within a day is looked into at once. A later one is taken as it is, and if it turns out to be for nothing, the next is
looked for until it changes something: so nobody is woken for nothing twice without an event of theirs in between.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamproc.customer.features import FEATURES, Feature, Features
from streamproc.customer.features.turning import TURNS, Cut, Cuts, Turn, daily, never
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.decide.checks import Check
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
        function: the feature.
        turn: what time does to it.
        cuts: its limits in all segments.
        segments: those that ask for it, by name, with their conditions.
    """

    function: Feature
    turn: Turn
    cuts: Cuts
    segments: Sequence[tuple[str, Check]]


@dataclass(frozen=True)
class Decay:
    """What time does to the segments of a plan.

    Attributes:
        functions: the features that there are.
        watched: those that the segments ask for.
    """

    functions: Mapping[str, Feature]
    watched: Sequence[Watched]

    @classmethod
    def of(cls, settings: SegmentSettings, functions: Mapping[str, Feature], declared: Mapping[str, Turn]) -> "Decay":
        """What the segments ask for; what only events change needs no watching."""
        known: Mapping[str, Turn] = {**dict.fromkeys(FEATURES, daily), **TURNS, **declared}
        asked = _limits(settings)
        checks = dict(settings.checks)
        watched = [
            Watched(functions[name], known[name], sorted(set().union(*by.values())), [(s, checks[s]) for s in by])
            for name, by in sorted(asked.items())
            if known[name] is not never
        ]
        return cls(functions, watched)

    def due(self, customer: Customer, now_ms: int, *, exactly: bool) -> int | None:
        """When to look at the customer next, if no event comes; `exactly`: only when a segment does change."""
        view = CustomerView(customer, now_ms)
        for _ in range(MOST_LOOKS):
            due, turned = self._next(view)
            if due is None or not (exactly or due < now_ms + DAY_MS):
                return due
            view = view.at(due)
            if self._changes(view, turned):
                return due
        return self._next(view)[0]

    def _next(self, view: CustomerView) -> tuple[int | None, Sequence[Watched]]:
        """The first moment at which features pass a limit, and these features."""
        moments = [(each.turn(each.function, view, each.cuts), each) for each in self.watched]
        due = min([moment for moment, _ in moments if moment is not None], default=None)
        return due, [each for moment, each in moments if moment is not None and moment == due]

    def _changes(self, view: CustomerView, turned: Sequence[Watched]) -> bool:
        """Whether a segment changes that asks for them; no other one can."""
        features, members = Features(view, self.functions), view.customer.segments
        return any(belongs(features) != (name in members) for each in turned for name, belongs in each.segments)


def set_decay(moment: Moment, decay: Decay, *, has_changed: bool) -> None:
    """Set the customer's timer; one that ran out for nothing says that the next must not."""
    exactly = moment.is_due(DECAY) and not has_changed
    moment.set_timer(DECAY, decay.due(moment.customer, moment.now_ms, exactly=exactly) if decay.watched else None)


def _limits(settings: SegmentSettings) -> Mapping[str, Mapping[str, set[Cut]]]:
    """The limits of each feature, by the segments that ask for them."""
    found: dict[str, dict[str, set[Cut]]] = defaultdict(lambda: defaultdict(set))
    for segment in settings.segment:
        for condition in segment.where:
            for name, cut in condition.limits():
                found[name][segment.name].add(cut)
    return found
