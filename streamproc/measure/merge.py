"""The parts of all partitions put together, and the event time that all of them have reached."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field
from functools import reduce

from streamproc.events.calendar import UTC_ZONE, day_of
from streamproc.measure.partials import Part, Reported
from streamproc.measure.sums import Sums
from streamproc.measure.windows import Window
from streamproc.value import value


@value
class EventTime:
    """How far event time is complete in each partition (epoch ms), and how many partitions there are.

    Attributes:
        epochs: the epoch in which each partition was counted.
        unfinished: those whose facts are being counted anew.
    """

    through: Mapping[int, int] = field(default_factory=dict)
    partitions: int = 0
    epochs: Mapping[int, int] = field(default_factory=dict)
    unfinished: frozenset[int] = frozenset()

    def after(self, reported: Reported) -> "EventTime":
        """With what a partition says now; neither time nor an epoch ever goes back."""
        progress, partition = reported.progress, reported.progress.partition
        known = self.through.get(partition, progress.through_ms)
        epoch = self.epochs.get(partition, 0)
        is_old = reported.epoch_ms < epoch
        unfinished = self.unfinished if is_old else self.unfinished - {partition}
        if not is_old and not reported.is_whole:
            unfinished |= {partition}
        return EventTime(
            {**self.through, partition: max(known, progress.through_ms)},
            max(self.partitions, progress.partitions),
            {**self.epochs, partition: max(epoch, reported.epoch_ms)},
            unfinished,
        )

    @property
    def behind(self) -> frozenset[int]:
        """The partitions that are still to be counted anew since another one is, or are just being so."""
        newest = max(self.epochs.values(), default=0)
        return self.unfinished | {partition for partition, epoch in self.epochs.items() if epoch < newest}

    @property
    def reached(self) -> int | None:
        """What all partitions have reached, counted alike; None (minus infinity) as long as one was not heard of."""
        if not self.partitions or len(self.through) < self.partitions or self.behind:
            return None
        return min(self.through.values())


def due(changed: AbstractSet[Window], before: int | None, reached: int | None, zone: str = UTC_ZONE) -> list[Window]:
    """Which changed windows are to be published when event time has moved from `before` to `reached`.

    A day as soon as it is over, and again at once when late facts change it; everything, whenever time moves on.
    """
    if reached is None:
        return []
    advanced = before is None or reached > before
    today = day_of(reached, zone)
    ready = (window for window in changed if (advanced if window.day is None else window.day < today))
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
