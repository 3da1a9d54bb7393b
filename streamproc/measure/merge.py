"""The parts of all partitions put together, and the event time that all of them have reached."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import reduce

from streamproc.events.facts import Progress
from streamproc.measure.partials import Part
from streamproc.measure.sums import Sums
from streamproc.measure.windows import Window


@dataclass(frozen=True, slots=True)
class EventTime:
    """How far event time is complete in each partition (epoch ms), and how many partitions there are."""

    through: Mapping[int, int] = field(default_factory=dict)
    partitions: int = 0

    def after(self, progress: Progress) -> "EventTime":
        """With what a partition says now; time never goes back."""
        known = self.through.get(progress.partition, progress.through_ms)
        through = {**self.through, progress.partition: max(known, progress.through_ms)}
        return EventTime(through, max(self.partitions, progress.partitions))

    @property
    def reached(self) -> int | None:
        """What all partitions have reached; None (minus infinity) as long as one was not heard of."""
        if not self.partitions or len(self.through) < self.partitions:
            return None
        return min(self.through.values())


def due(changed: AbstractSet[Window], before: int | None, reached: int | None) -> list[Window]:
    """Which changed windows are to be published when event time has moved from `before` to `reached`.

    A day as soon as it is over, and again at once when late facts change it; everything, whenever time moves on.
    """
    if reached is None:
        return []
    advanced = before is None or reached > before
    ready = (window for window in changed if (advanced if window.end_ms is None else window.end_ms <= reached))
    return sorted(ready, key=lambda window: window.order)


def is_newer(part: Part, held: Part | None) -> bool:
    """Whether a part replaces the one that is held: an old one that comes late or twice does not."""
    return held is None or part.sequence > held.sequence


def put_together(parts: Iterable[Part]) -> Sums:
    """The window over all partitions.

    Raises:
        TypeError: there is no part; a window comes into being with its first.
    """
    return reduce(Sums.plus, (part.sums for part in parts))
