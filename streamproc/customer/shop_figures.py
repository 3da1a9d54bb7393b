"""What the customers of the shop are like as a whole: what a single one is compared with.

learn finds it out of samples (`models/kinds/rfm.py`) and releases it in versions, so that a replay compares alike.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

SCORES = 5
"""Customers are scored from 1, the worst fifth, to this."""


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """The figures of a version.

    Attributes:
        version: which one.
        recency_ms: since the last order, ascending: a fifth of the customers is within the first, and so on.
        orders: likewise, orders within 365 days.
        net_micros: likewise, what these came to, less what went back.
        repeats_per_year: how many more orders a customer places in a year after the first.
        order_micros: what an order comes to, less what goes back.
    """

    version: str
    recency_ms: tuple[int, ...]
    orders: tuple[int, ...]
    net_micros: tuple[int, ...]
    repeats_per_year: float
    order_micros: int


def fifth(value: int, thresholds: Sequence[int]) -> int:
    """In which fifth a value lies, 1 to 5; who is at a threshold is below it, so that equals are together.

    >>> [fifth(orders, (1, 1, 2, 4)) for orders in (1, 2, 3, 5)]
    [1, 3, 4, 5]
    """
    return 1 + bisect_left(thresholds, value)
