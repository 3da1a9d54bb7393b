from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.features import Features
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import EMPTY_BUCKET, Bucket, Buckets, Delta, Metric
from tests.builders import at_ms, folded, order

KEEP = 5

counts = st.lists(st.integers(0, 3), min_size=len(Metric), max_size=len(Metric)).map(tuple)
additions = st.lists(st.tuples(st.integers(-3, 12), counts), max_size=12)


def plainly(added: list[tuple[int, Bucket]]) -> dict[int, Bucket]:
    """The same with a dictionary, looking at everything each time."""
    known: dict[int, Bucket] = {}
    for index, delta in added:
        newest = max(known, default=index)
        if index > newest - KEEP:
            old = known.get(index, EMPTY_BUCKET)
            known[index] = tuple(one + other for one, other in zip(old, delta, strict=True))
        known = {number: bucket for number, bucket in known.items() if number > max(newest, index) - KEEP}
    return known


def as_delta(bucket: Bucket) -> Delta:
    return tuple(enumerate(bucket))


def buckets(added: list[tuple[int, Bucket]]) -> Buckets:
    made = Buckets()
    for index, delta in added:
        made = made.counted(index, as_delta(delta), KEEP)
    return made


@given(additions)
def test_buckets_hold_what_was_added_in_whatever_order(added: list[tuple[int, Bucket]]) -> None:
    made = buckets(added)
    assert {number: made.get(number) for number in made} == plainly(added)
    assert list(made) == sorted(made)


@given(additions, st.integers(-5, 14), st.integers(-5, 14), st.sampled_from(Metric))
def test_a_total_is_the_sum_of_its_buckets(
    added: list[tuple[int, Bucket]], first: int, last: int, metric: Metric
) -> None:
    wanted = sum(bucket[metric] for number, bucket in plainly(added).items() if first <= number <= last)
    assert buckets(added).total(metric, first, last) == wanted


@given(additions)
def test_buckets_are_those_of_their_rows(added: list[tuple[int, Bucket]]) -> None:
    made = buckets(added)
    read = Buckets([list(row) for row in made.rows])
    assert (read, hash(read), list(read), repr(read)) == (made, hash(made), list(made), repr(made))


@given(additions, st.tuples(st.integers(-3, 12), counts))
def test_buckets_do_not_change(added: list[tuple[int, Bucket]], one_more: tuple[int, Bucket]) -> None:
    made, same = buckets(added), buckets(added)
    made.counted(one_more[0], as_delta(one_more[1]), KEEP)
    assert (made, list(made)) == (same, list(same))


@given(st.lists(st.integers(1, 400), min_size=3, max_size=10))
def test_the_spread_of_gaps_is_their_standard_deviation(days: list[int]) -> None:
    customer = folded(*[order(days=day) for day in sorted(days)])
    gaps = [(later - earlier) / 7 for earlier, later in zip(sorted(days), sorted(days)[1:], strict=False)]
    spread = Features(CustomerView(customer, at_ms(days=400)))["gap_spread_weeks"]
    assert spread == pytest.approx(pstdev(gaps, fmean(gaps)), rel=1e-12, abs=1e-12)


@given(st.dictionaries(st.integers(-3, 12), st.tuples(counts, st.lists(st.integers(0, 9), max_size=2))), additions)
def test_columns_that_a_newer_release_has_added_stay_as_they_were(
    written: dict[int, tuple[Bucket, list[int]]], added: list[tuple[int, Bucket]]
) -> None:
    rows, before = [], 0
    for number, (known, later) in sorted(written.items()):
        rows.append([number - before, *known, *later])
        before = number
    made, known_alone = Buckets(rows), Buckets([row[: 1 + len(Metric)] for row in rows])
    for index, delta in added:
        more = as_delta(delta)
        made, known_alone = made.counted(index, more, KEEP), known_alone.counted(index, more, KEEP)
    assert list(made) == list(known_alone)
    for number in made:
        bucket, alone = made.get(number), known_alone.get(number)
        assert bucket is not None
        assert bucket[: len(Metric)] == alone
        later = written[number][1] if number in written else []
        assert [*bucket[len(Metric) :], 0, 0][:2] == [*later, 0, 0][:2]
