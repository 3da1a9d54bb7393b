"""Whoever looks all segments up at once finds those whose conditions hold, tree by tree."""

from collections.abc import Sequence
from math import inf, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.features import Features
from streamproc.customer.features.turning import in_counts
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.decide.conditions import Condition, check_of
from streamproc.decide.segments.membership import Membership
from tests.builders import at_ms
from tests.decide.condition_trees import trees
from tests.decide.test_conditions import FUNCTIONS, customers, leaves

LIMITS: list[float] = [0, 1, 2, 0.5, 30, -1, 0.1, 10**15]
beside = st.sampled_from(LIMITS).flatmap(
    lambda limit: st.sampled_from([limit, nextafter(limit, inf), nextafter(limit, -inf), float(limit)])
)
values = beside | st.floats(-100, 100)
bounds = st.sampled_from(["at_least", "at_most", "above", "below", "equals"])
compared = st.builds(
    lambda name, limits: {"feature": name} | limits,
    st.sampled_from(["x", "y"]),
    st.dictionaries(bounds, st.sampled_from(LIMITS), min_size=1, max_size=2),
)
segments = st.lists(trees(compared | leaves, most_parts=3, most_leaves=6), min_size=1, max_size=6)


@given(segments, customers(), values, values)
def test_the_members_are_those_whose_conditions_hold(
    trees_of: list[dict[str, Any]], customer: Customer, x: float, y: float
) -> None:
    wheres = [[Condition.model_validate(tree)] for tree in trees_of]
    membership = Membership.of((str(number), where) for number, where in enumerate(wheres))
    features = Features(CustomerView(customer, at_ms(days=30)), FUNCTIONS)
    features |= {"x": float(x), "y": float(y)}
    places, found = membership.look(features)
    assert membership.bits(places, features) == found
    assert membership.members(found) == [str(n) for n, where in enumerate(wheres) if check_of(where)(features)]


@given(
    st.lists(values, max_size=5).map(sorted), st.integers(0, 10**12), st.sampled_from([1, 7, 1_000_000, 604_800_000])
)
def test_a_limit_is_reached_by_the_same_counts_as_by_their_values(
    limits: Sequence[float], count: int, unit: int
) -> None:
    counts = in_counts(limits, lambda total: total / unit)
    assert [count >= limit for limit in counts] == [count / unit >= limit for limit in limits]


@pytest.mark.parametrize("limit", [0, -5])
def test_what_nothing_is_below_is_reached_by_nothing(limit: float) -> None:
    assert in_counts([limit], float) == (0,)
