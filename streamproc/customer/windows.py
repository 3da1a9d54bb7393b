"""Rolling counts and sums in bounded buckets: days for a year back, hours for a day back.

Folding is commutative: the buckets after a set of events do not depend on their order, late ones included, as long
as they are not older than the oldest bucket that is kept.

A state is read and written for nearly every event, and an event touches one bucket of many. So the buckets stay in
the rows in which they are encoded, and a sum looks at the rows of its window and at one column.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import accumulate
from operator import itemgetter


class Metric(IntEnum):
    """What a bucket counts; the value is the position in the bucket. `ACTIONS` is whatever the customer did."""

    ACTIONS = 0
    VIEWS = 1
    OPENS = 2
    CLICKS = 3
    CARTS = 4
    ORDERS = 5
    REVENUE_MICROS = 6
    REFUNDED_MICROS = 7


Bucket = tuple[int, ...]
EMPTY_BUCKET: Bucket = (0,) * len(Metric)

Delta = tuple[tuple[int, int], ...]
"""What to add to a bucket: metrics, each with how much. An event counts for two or three of them."""

Row = Sequence[int]
"""How far a bucket is from the one before (the first: its number), then its counts as far as they are not 0."""

KEEP_DAYS = 366
KEEP_HOURS = 25

_distance = itemgetter(0)


class Buckets:
    """Bucket number (epoch hours or days) to counts, ascending. Never changed: `counted` makes new ones.

    Attributes:
        rows: the encoded form.
    """

    __slots__ = ("_numbers", "rows")

    def __init__(self, rows: Sequence[Row] = (), numbers: Sequence[int] | None = None) -> None:
        self.rows = rows
        self._numbers = list(accumulate(map(_distance, rows))) if numbers is None else numbers

    @property
    def numbers(self) -> Sequence[int]:
        """Of all buckets."""
        return self._numbers

    def counted(self, index: int, delta: Delta, keep: int) -> "Buckets":
        """With `delta` added at `index`; at most `keep` buckets, counted back from the newest."""
        numbers, rows = self._numbers, self.rows
        if not numbers:
            return Buckets([_row(index, delta)], [index])
        newest = numbers[-1]
        if index == newest:
            return Buckets([*rows[:-1], _added(rows[-1], delta)], numbers)
        if index > newest:
            first = bisect_right(numbers, index - keep)
            if first == len(numbers):
                return Buckets([_row(index, delta)], [index])
            return Buckets([*self._from(first), _row(index - newest, delta)], [*numbers[first:], index])
        return self if index <= newest - keep else self._inserted(index, delta)

    def joined(self, other: "Buckets", keep: int) -> "Buckets":
        """The sum of both."""
        both = self
        for number in other:
            both = both.counted(number, tuple(enumerate(other.get(number) or ())), keep)
        return both

    def total(self, metric: int, first: int, last: int) -> int:
        """The sum of a metric over the buckets from `first` to `last`, both included."""
        numbers, column = self._numbers, metric + 1
        if not numbers or first > numbers[-1]:
            return 0
        begin, end = bisect_left(numbers, first), len(numbers) if last >= numbers[-1] else bisect_right(numbers, last)
        found = 0
        for row in self.rows if end - begin == len(numbers) else self.rows[begin:end]:
            if len(row) > column:
                found += row[column]
        return found

    def count(self, number: int, metric: int) -> int:
        """How often a bucket has counted a metric."""
        place = bisect_left(self._numbers, number)
        if place == len(self._numbers) or self._numbers[place] != number:
            return 0
        row = self.rows[place]
        return row[metric + 1] if len(row) > metric + 1 else 0

    def get(self, number: int) -> Bucket | None:
        """The counts of a bucket."""
        place = bisect_left(self._numbers, number)
        if place == len(self._numbers) or self._numbers[place] != number:
            return None
        _, *counts = self.rows[place]
        return (*counts, *EMPTY_BUCKET[len(counts) :])

    def _from(self, first: int) -> Sequence[Row]:
        """The rows from one on; that one then stands first."""
        return [(self._numbers[first], *self.rows[first][1:]), *self.rows[first + 1 :]] if first else self.rows

    def _inserted(self, index: int, delta: Delta) -> "Buckets":
        """What came late is added to an older bucket, or makes one."""
        numbers, rows = self._numbers, list(self.rows)
        place = bisect_left(numbers, index)
        if numbers[place] == index:
            rows[place] = _added(rows[place], delta)
            return Buckets(rows, numbers)
        rows[place] = (numbers[place] - index, *rows[place][1:])
        rows.insert(place, _row(index - numbers[place - 1] if place else index, delta))
        return Buckets(rows, [*numbers[:place], index, *numbers[place:]])

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Buckets) and _plain(self.rows) == _plain(other.rows)

    def __hash__(self) -> int:
        return hash(_plain(self.rows))

    def __repr__(self) -> str:
        return f"Buckets({_plain(self.rows)!r})"


def _plain(rows: Sequence[Row]) -> tuple[tuple[int, ...], ...]:
    """Rows that were read and rows that were made alike."""
    return tuple(map(tuple, rows))


EMPTY_BUCKETS = Buckets()


def _row(distance: int, delta: Delta) -> Row:
    return _added((distance,), delta)


def _added(row: Row, delta: Delta) -> Row:
    """The row with more in it; columns that a newer release has put behind those of this one stay as they are."""
    counts = list(row)
    for metric, amount in delta:
        column = metric + 1
        if column >= len(counts):
            counts += (0,) * (column + 1 - len(counts))
        counts[column] += amount
    while len(counts) > 1 and not counts[-1]:
        counts.pop()
    return tuple(counts)


def delta(**metrics: int) -> Delta:
    """What to add, by names of metrics in lower case: `delta(orders=1, revenue_micros=5_000_000)`."""
    return tuple((Metric[name.upper()].value, amount) for name, amount in metrics.items())
