"""Counts that fade."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.models.ranking.decayed import LEADERS, DecayedCounts

HALF_LIFE_MS = 1_000


def test_after_a_half_life_a_count_counts_half() -> None:
    counts = DecayedCounts(HALF_LIFE_MS)
    counts.add(("tea",), 0)
    counts.add(("rug",), 1_000)
    assert counts.shares(["tea", "rug", "cup"], 1_000) == pytest.approx([0.5 / 2.5, 1 / 2.5, 0.0])


def test_without_a_half_life_nothing_is_forgotten() -> None:
    counts = DecayedCounts(inf)
    for at_ms in (0, 10**12):
        counts.add(("tea",), at_ms)
    assert counts.amount("tea") == 2.0


def test_what_comes_late_counts_as_if_it_had_come_in_time() -> None:
    early, late = DecayedCounts(HALF_LIFE_MS), DecayedCounts(HALF_LIFE_MS)
    for at_ms in (0, 500):
        early.add(("tea",), at_ms)
    for at_ms in (500, 0):
        late.add(("tea",), at_ms)
    assert early.share("tea", 700) == pytest.approx(late.share("tea", 700))


def test_a_product_that_is_forgotten_was_never_counted() -> None:
    counts = DecayedCounts(HALF_LIFE_MS)
    counts.add(("tea", "rug"), 0)
    counts.forget("tea")
    assert counts.largest(2) == ["rug"]
    assert counts.share("tea", 0) == 0.0


@given(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 200)), max_size=200), st.sampled_from([inf, 50.0]))
def test_the_largest_are_those_that_a_look_at_all_finds(added: list[tuple[int, int]], half_life_ms: float) -> None:
    counts = DecayedCounts(half_life_ms)
    for number, after in sorted(added, key=lambda each: each[1]):
        counts.add((f"p{number:02}",), after)
    by_level = sorted(counts.amounts, key=lambda sku: (-counts.level(sku), sku))
    assert counts.largest(LEADERS) == by_level[:LEADERS]
    assert len(counts.leaders) <= LEADERS
