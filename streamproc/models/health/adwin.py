"""Whether a stream of numbers has risen: ADWIN, an adaptive window that drops its older part when the means differ.

River's own ADWIN keeps its window in compiled code, where it can be neither written as data nor read again (ADR 9);
this is the same algorithm with its window in sight: an exponential histogram, so that memory grows with the logarithm
of the window. `tests/models/test_adwin.py` holds both beside each other.
Source: A. Bifet and R. Gavaldà, "Learning from Time-Changing Data with Adaptive Windowing" (2007), ADWIN2, with the cut
of theorem 3.2; the constants are River's.
"""

from collections.abc import Iterator
from math import log, sqrt

DELTA = 0.002
"""How likely a false alarm may be at a look."""
CLOCK = 32
"""It looks after so many values."""
MAX_BUCKETS = 5
"""So many buckets of a size there are before two become one of the next."""
MIN_PART = 5
GRACE = 10


class Adwin:
    """A window over the newest numbers of 0 to 1; changes with each.

    Attributes:
        seen: how many numbers there were.
        width, total, squares: of the window: how many, their sum, and the sum of their squared distances from the mean.
        sums, spreads: of each bucket its sum and its squared distances; row i has buckets of 2^i numbers, oldest first.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.width = 0
        self.total = 0.0
        self.squares = 0.0
        self.sums: list[list[float]] = [[]]
        self.spreads: list[list[float]] = [[]]

    def rises(self, value: float) -> bool:
        """Take a number; whether the newer ones are higher than the older ones, which are dropped then."""
        self._insert(value)
        self.seen += 1
        has_risen = False
        if self.seen % CLOCK == 0 and self.width > GRACE:
            while (risen := self._cut()) is not None:
                has_risen = has_risen or risen
        return has_risen

    def _insert(self, value: float) -> None:
        if self.width:
            self.squares += self.width * (value - self.total / self.width) ** 2 / (self.width + 1)
        self.width += 1
        self.total += value
        self.sums[0].append(value)
        self.spreads[0].append(0.0)
        row = 0
        while len(self.sums[row]) > MAX_BUCKETS:
            self._merge(row)
            row += 1

    def _merge(self, row: int) -> None:
        """The two oldest buckets of a row become the newest of the next."""
        if row + 1 == len(self.sums):
            self.sums.append([])
            self.spreads.append([])
        one, other = self.sums[row][:2]
        spread = sum(self.spreads[row][:2]) + (one - other) ** 2 / (2 << row)
        del self.sums[row][:2], self.spreads[row][:2]
        self.sums[row + 1].append(one + other)
        self.spreads[row + 1].append(spread)

    def _cut(self) -> bool | None:
        """Drop the oldest bucket if some older part has another mean: whether it was lower; None if none has."""
        older, sum_of_older = 0, 0.0
        for size, total in self._oldest_first():
            older, sum_of_older = older + size, sum_of_older + total
            newer = self.width - older
            if newer < MIN_PART:
                return None
            if older >= MIN_PART:
                rise = (self.total - sum_of_older) / newer - sum_of_older / older
                if abs(rise) > self._bound(older, newer):
                    self._drop_oldest()
                    return rise > 0
        return None

    def _bound(self, older: int, newer: int) -> float:
        """By how much the means of two such parts differ by chance at most."""
        confidence = log(2 * log(self.width) / DELTA)
        harmonic = 1 / (older - MIN_PART + 1) + 1 / (newer - MIN_PART + 1)
        variance = self.squares / self.width
        return sqrt(2 * harmonic * max(0.0, variance) * confidence) + 2 / 3 * confidence * harmonic

    def _drop_oldest(self) -> None:
        row = len(self.sums) - 1
        size, total, spread = 1 << row, self.sums[row].pop(0), self.spreads[row].pop(0)
        self.width -= size
        self.total -= total
        distance = total / size - self.total / self.width
        self.squares -= spread + size * self.width * distance**2 / (size + self.width)
        while len(self.sums) > 1 and not self.sums[-1]:
            del self.sums[-1], self.spreads[-1]

    def _oldest_first(self) -> Iterator[tuple[int, float]]:
        """The size and the sum of each bucket."""
        for row in range(len(self.sums) - 1, -1, -1):
            for total in self.sums[row]:
                yield 1 << row, total
