"""Buckets column by column: for one look at a customer, who is asked for many sums over windows.

A state keeps its buckets in rows (`customer/windows.py`), of which an event changes one. A sum is over one column.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, zip_longest

from streamproc.customer.windows import Buckets


class Columns:
    """Buckets, ascending, and for each metric its counts.

    Attributes:
        numbers: of the buckets.
    """

    __slots__ = ("_columns", "_lowest", "numbers")

    def __init__(self, buckets: Buckets) -> None:
        self.numbers: Sequence[int] = buckets.numbers
        self._columns = list(zip_longest(*buckets.rows, fillvalue=0))[1:]
        self._lowest: int | None = None

    def total(self, metric: int, first: int, last: int) -> int:
        """The sum of a metric over the buckets from `first` to `last`, both included."""
        numbers = self.numbers
        if metric >= len(self._columns) or first > numbers[-1]:
            return 0
        end = len(numbers) if last >= numbers[-1] else bisect_right(numbers, last)
        return sum(self._columns[metric][bisect_left(numbers, first) : end])

    def newest_with(self, metric: int, least: int) -> int | None:
        """The newest bucket from which on the sum of a metric is at least so much; None: none is, or any."""
        if least <= 0 or metric >= len(self._columns):
            return None
        sums = list(accumulate(reversed(self._columns[metric])))
        newer = bisect_left(sums, least)
        return self.numbers[-1 - newer] if newer < len(sums) else None

    def counts_from(self, first: int, metric: int) -> list[tuple[int, int]]:
        """The buckets from one on in which something of a metric was counted: the number of each, and how much."""
        if metric >= len(self._columns):
            return []
        begin = bisect_left(self.numbers, first)
        counts = zip(self.numbers[begin:], self._columns[metric][begin:], strict=True)
        return [(number, count) for number, count in counts if count]

    def can_rise(self, present: int) -> bool:
        """Whether a sum can grow by time alone: a bucket is yet to come, or one takes something back."""
        if not self.numbers:
            return False
        if self._lowest is None:
            self._lowest = min(map(min, self._columns), default=0)
        return self.numbers[-1] > present or self._lowest < 0
