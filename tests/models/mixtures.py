"""Samples of customers of known kinds, and how alike two ways to group them are."""

from collections import Counter
from collections.abc import Sequence
from math import comb
from random import Random

from streamproc.events.times import DAY_MS
from streamproc.events.training import Example
from streamproc.models.kinds.clusters import DEFAULT_FEATURES

KINDS = ((5, 20, 900, 30, 8), (20, 2, 40, 1, 0.3), (200, 1, 25, 0.3, 0.1), (60, 6, 3000, 3, 4), (8, 1, 15, 40, 12))
"""What is typical of each, by the default features."""


def somebody(random: Random, kind: int, scatter: float = 0.25) -> list[float]:
    return [value * random.lognormvariate(0, scatter) for value in KINDS[kind]]


def mixture(seed: int, size: int = 1500) -> list[tuple[int, list[float]]]:
    """The kind of each, some kinds more often than others, and its features."""
    random = Random(seed)
    kinds = random.choices(range(len(KINDS)), weights=(1, 4, 3, 1, 2), k=size)
    return [(kind, somebody(random, kind)) for kind in kinds]


def sample(values: Sequence[float], number: int = 0, at_day: int = 0) -> Example:
    known = dict(zip(DEFAULT_FEATURES, values, strict=True))
    at_ms = at_day * DAY_MS
    return Example("clusters", str(number), at_ms, at_ms, known, 0.0, None, None)


def adjusted_rand(one: Sequence[object], other: Sequence[object]) -> float:
    """1: they group alike; 0: as chance would. Source: L. Hubert and P. Arabie, "Comparing Partitions" (1985)."""
    both = sum(comb(count, 2) for count in Counter(zip(one, other, strict=True)).values())
    ones = sum(comb(count, 2) for count in Counter(one).values())
    others = sum(comb(count, 2) for count in Counter(other).values())
    expected = ones * others / comb(len(one), 2)
    return (both - expected) / ((ones + others) / 2 - expected)
