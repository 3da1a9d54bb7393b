"""Rolling counts and sums in bounded buckets: days for a year back, hours for a day back.

Folding is commutative: the buckets after a set of events do not depend on their order, late ones included, as long
as they are not older than the oldest bucket that is kept.
"""

from collections.abc import Mapping
from enum import IntEnum
from operator import add
from typing import NamedTuple

from streamproc.events.times import DAY_MS, HOUR_MS


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
Buckets = Mapping[int, Bucket]
"""Bucket number (epoch hours or days) to counts."""

EMPTY_BUCKETS: Buckets = {}
EMPTY_BUCKET: Bucket = (0,) * len(Metric)

KEEP_DAYS = 366
KEEP_HOURS = 25
WINDOW_DAYS = (7, 28, 90, 365)


def counted(buckets: Buckets, index: int, delta: Bucket, keep: int) -> Buckets:
    """The buckets with `delta` added at `index`; at most `keep` of them, counted back from the newest."""
    newest = max(buckets, default=index)
    if index <= newest - keep:
        return buckets
    old = buckets.get(index, EMPTY_BUCKET)
    after = {**buckets, index: tuple(map(add, old, delta))}
    if index > newest and len(after) > 1:
        oldest_kept = index - keep
        return {number: bucket for number, bucket in after.items() if number > oldest_kept}
    return after


def delta(**metrics: int) -> Bucket:
    """A bucket to add, by names of metrics in lower case: `delta(orders=1, revenue_micros=5_000_000)`."""
    values = list(EMPTY_BUCKET)
    for name, value in metrics.items():
        values[Metric[name.upper()]] = value
    return tuple(values)


class WindowSums(NamedTuple):
    """Sums over the last 24 hours and the last 7, 28, 90 and 365 days (today included)."""

    h24: Bucket
    d7: Bucket
    d28: Bucket
    d90: Bucket
    d365: Bucket


def window_sums(days: Buckets, hours: Buckets, now_ms: int) -> WindowSums:
    """All windows at `now_ms`, in one pass; buckets that start after `now_ms` do not count.

    A window of n days is today and the n-1 days before it (UTC); 24 hours are this hour and the 23 before it.
    """
    hour, day = now_ms // HOUR_MS, now_ms // DAY_MS
    h24 = _sum([bucket for number, bucket in hours.items() if hour - 24 < number <= hour])
    ages = [(day - number, bucket) for number, bucket in days.items() if number <= day]
    sums = [_sum([bucket for age, bucket in ages if age < window]) for window in WINDOW_DAYS]
    return WindowSums(h24, *sums)


def _sum(buckets: list[Bucket]) -> Bucket:
    return tuple(map(sum, zip(*buckets, strict=True))) if buckets else EMPTY_BUCKET
