"""Buckets column by column: for one look at a customer, who is asked for many sums over windows.

A state keeps its buckets in rows (`customer/windows.py`), of which an event changes one. A sum is over one column.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from streamproc.customer.windows import Buckets


class Columns:
    """Buckets, ascending, and for each metric its counts, taken out of the rows when somebody first asks for it.

    Attributes:
        numbers: of the buckets.
    """

    __slots__ = ("_known", "_rows", "numbers")

    def __init__(self, buckets: Buckets) -> None:
        self.numbers = buckets.numbers
        self._rows = buckets.rows
        self._known: dict[int, Sequence[int]] = {}

    def total(self, metric: int, first: int, last: int) -> int:
        """The sum of a metric over the buckets from `first` to `last`, both included."""
        numbers = self.numbers
        if not numbers or first > numbers[-1]:
            return 0
        column = self._known.get(metric) or self._column(metric)
        if last >= numbers[-1]:
            return sum(column[bisect_left(numbers, first) :])
        return sum(column[bisect_left(numbers, first) : bisect_right(numbers, last)])

    def newest_with(self, metric: int, least: int) -> int | None:
        """The newest bucket from which on the sum of a metric is at least so much; None: none is, or any."""
        if least <= 0:
            return None
        sums = list(accumulate(reversed(self._column(metric))))
        newer = bisect_left(sums, least)
        return self.numbers[-1 - newer] if newer < len(sums) else None

    def counts_from(self, first: int, metric: int) -> list[tuple[int, int]]:
        """The buckets from one on in which something of a metric was counted: the number of each, and how much."""
        begin = bisect_left(self.numbers, first)
        counts = zip(self.numbers[begin:], self._column(metric)[begin:], strict=True)
        return [(number, count) for number, count in counts if count]

    def can_rise(self, metric: int, present: int) -> bool:
        """Whether a sum can grow by time alone: a bucket is yet to come, or one takes something back."""
        return bool(self.numbers) and (self.numbers[-1] > present or min(self._column(metric)) < 0)

    def _column(self, metric: int) -> Sequence[int]:
        if metric not in self._known:
            place = metric + 1
            self._known[metric] = [row[place] if len(row) > place else 0 for row in self._rows]
        return self._known[metric]
