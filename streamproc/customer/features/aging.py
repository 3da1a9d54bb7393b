"""A sum over a window, as its buckets leave it: when it reaches fewer limits than now, if nothing more is counted."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from streamproc.customer.columns import Columns


@dataclass(frozen=True, slots=True)
class Aging:
    """A window over the last `length` buckets of what was counted of a metric.

    Attributes:
        limits: what the sum is compared with, ascending.
    """

    metric: int
    length: int
    limits: tuple[int, ...]

    def turn(self, columns: Columns, present: int, place: int) -> int | None:
        """The first bucket at whose beginning the sum reaches more or fewer of the limits than `place`, as now."""
        if columns.can_rise(present):
            return self._looked_for(columns, present)
        if place == 0:
            return None
        newest = columns.newest_with(self.metric, self.limits[place - 1])
        return None if newest is None else newest + self.length

    def edges(self, columns: Columns, present: int) -> Sequence[tuple[int, int]]:
        """The buckets at whose beginning the sum changes, and by how much."""
        counts = columns.counts_from(present - self.length + 1, self.metric)
        leaving = [(number + self.length, -count) for number, count in counts]
        if not counts or counts[-1][0] <= present:
            return leaving
        changes: dict[int, int] = dict(leaving)  # something is known of after the moment: it comes before it leaves
        for number, count in counts:
            if number > present:
                changes[number] = changes.get(number, 0) + count
        return sorted(changes.items())

    def _looked_for(self, columns: Columns, present: int) -> int | None:
        """Likewise, where buckets come, or take something back when they leave."""
        total = columns.total(self.metric, present - self.length + 1, present)
        before = bisect_right(self.limits, total)
        for edge, change in self.edges(columns, present):
            total += change
            if bisect_right(self.limits, total) != before:
                return edge
        return None
