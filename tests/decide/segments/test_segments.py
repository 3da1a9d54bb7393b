from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streamproc.customer.features import Features
from streamproc.customer.view import CustomerView
from streamproc.decide.conditions import Condition
from streamproc.events.decisions import SegmentChange
from streamproc.events.raw import Event
from streamproc.events.topics import FACTS_TOPIC, SEGMENTS_TOPIC
from tests.builders import Shop, at_ms, erasure, facts_of, folded, identified, order, plan, view
from tests.decide.identity.town import Town, linked
from tests.strategies import events

BUYERS = {"name": "buyers", "where": [{"feature": "orders_28d", "at_least": 1}]}
REGULARS = {"name": "regulars", "where": [{"feature": "orders_total", "at_least": 2}]}


def changes(shop: Shop, *happened: Event) -> list[tuple[str, str]]:
    return told(shop.sees(*happened))


def told(outcomes: list[Any]) -> list[tuple[str, str]]:
    found = [d for outcome in outcomes for d in outcome.decisions if isinstance(d, SegmentChange)]
    return [(change.segment, change.change) for change in found]


def test_entering_is_told_once() -> None:
    shop = Shop(plan(segments=[BUYERS]))
    assert changes(shop, view(), order(minutes=1), view(minutes=2)) == [("buyers", "entered")]
    assert shop.ada.segments == {"buyers": at_ms(minutes=1)}


def test_a_window_that_decays_lets_a_member_leave_without_any_event() -> None:
    shop = Shop(plan(segments=[BUYERS]))
    shop.sees(order())
    assert told(shop.mark(days=27.49)) == []
    assert told(shop.mark(days=27.5)) == [("buyers", "left")]
    assert shop.ada.segments == {}


def test_entering_is_told_before_leaving() -> None:
    shop = Shop(plan(segments=[REGULARS, {"name": "news", "where": [{"feature": "orders_total", "at_most": 1}]}]))
    assert changes(shop, order(), order(days=1)) == [("news", "entered"), ("regulars", "entered"), ("news", "left")]


def test_who_is_forgotten_leaves() -> None:
    shop = Shop(plan(segments=[BUYERS, REGULARS]))
    shop.sees(order(), order(days=1))
    assert changes(shop, erasure(days=2)) == [("buyers", "left"), ("regulars", "left")]
    assert changes(shop, view(days=3)) == []


def test_who_stays_a_member_through_an_erasure_is_one() -> None:
    shop = Shop(plan(segments=[{"name": "all", "where": [{"feature": "orders_total", "at_least": 0}]}]))
    assert changes(shop, order(), erasure(days=2), view(days=3)) == [("all", "entered")]
    assert shop.ada.segments == {"all": at_ms()}


def test_a_segment_that_is_gone_from_the_file_is_left() -> None:
    shop = Shop(plan(segments=[BUYERS]))
    shop.sees(order())
    shop.plan = plan()
    assert changes(shop, view(days=1)) == [("buyers", "left")]


LATE = {"name": "late", "where": [{"segment": "buyers"}, {"not": {"feature": "orders_28d", "at_least": 1}}]}
QUIET = {"name": "quiet", "where": [{"not": {"segment": "buyers"}}, {"feature": "orders_total", "at_least": 1}]}


def test_a_segment_sees_at_once_who_is_in_one_above_it() -> None:
    shop = Shop(plan(segments=[BUYERS, LATE, QUIET]))
    assert changes(shop, view(), order(minutes=1)) == [("buyers", "entered")]
    assert told(shop.mark(days=40)) == [("quiet", "entered"), ("buyers", "left")]
    assert told(shop.sees(order(days=41))) == [("buyers", "entered"), ("quiet", "left")]


def holds(condition: dict[str, Any], *happened: Event) -> bool:
    features = Features(CustomerView(folded(*happened), at_ms(days=1)))
    return Condition.model_validate(condition).check(features)


ADA: list[Event] = [order(pounds=30), identified({"city": "Łódź", "age": 36, "vip": True})]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"feature": "orders_total", "equals": 1}, True),
        ({"feature": "orders_total", "above": 1}, False),
        ({"feature": "orders_total", "at_least": 1, "at_most": 1}, True),
        ({"feature": "revenue_total", "below": 30}, False),
        ({"feature": "revenue_total", "at_most": 30}, True),
        ({"trait": "city", "equals": "Łódź"}, True),
        ({"trait": "city", "equals": "London"}, False),
        ({"trait": "city", "above": 1}, False),
        ({"trait": "age", "at_least": 18, "below": 37}, True),
        ({"trait": "vip", "equals": True}, True),
        ({"trait": "city", "one_of": ["London", "Łódź"]}, True),
        ({"trait": "city", "one_of": ["London"]}, False),
        ({"trait": "shoe", "one_of": [5]}, False),
        ({"trait": "shoe", "known": False}, True),
        ({"trait": "shoe", "known": True}, False),
        ({"trait": "vip", "known": True}, True),
        ({"score": "churn", "known": False}, True),
        ({"tag": "prefers:garden", "for_days": 1}, False),
        ({"trait": "shoe", "equals": 5}, False),
        ({"not": {"trait": "shoe", "equals": 5}}, True),
        ({"score": "churn", "at_least": 0}, False),
        ({"tag": "prefers:garden"}, False),
        ({"segment": "loyal"}, False),
        ({"all": [{"trait": "vip", "equals": True}, {"feature": "orders_total", "equals": 2}]}, False),
        ({"any": [{"trait": "vip", "equals": True}, {"feature": "orders_total", "equals": 2}]}, True),
    ],
)
def test_a_condition_holds(condition: dict[str, Any], *, expected: bool) -> None:
    assert holds(condition, *ADA) is expected


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"feature": "orders_total"},
        {"feature": "orders_total", "trait": "city", "equals": 1},
        {"feature": "orders_total", "more_than": 1},
        {"tag": "a", "equals": "b"},
        {"segment": "a", "for_days": 1},
        {"feature": "orders_total", "one_of": [1]},
        {"feature": "orders_total", "known": True},
        {"trait": "city", "known": True, "equals": "x"},
        {"trait": "city", "one_of": []},
        {"tag": "a", "for_days": 0},
        {"all": [{"feature": "orders_total"}]},
    ],
)
def test_a_condition_that_says_nothing_or_two_things_is_a_mistake(condition: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate(condition)


def test_conditions_stand_in_each_other_as_deep_as_somebody_can_read() -> None:
    condition: dict[str, Any] = {"tag": "a"}
    for _ in range(7):
        condition = {"not": condition}
    Condition.model_validate(condition)
    with pytest.raises(ValidationError, match="more than 8 deep"):
        Condition.model_validate({"any": [condition]})


def members(outcomes: list[Any]) -> Counter[Any]:
    """What the facts of segments and tags add up to."""
    sums: Counter[Any] = Counter()
    for fact in facts_of(outcomes):
        if fact.fact in ("segment", "tag"):
            sums[fact.values[fact.fact]] += int(fact.values["members"] or 0)
    return +sums


@given(st.lists(events, max_size=12), st.floats(0, 200))
def test_all_that_comes_and_goes_adds_up_to_who_is_in(happened: list[Event], days: float) -> None:
    shop = Shop(plan(segments=[BUYERS, REGULARS, QUIET], tags=[{"name": "seen", "where": SEEN}]))
    shop.sees(*happened)
    shop.mark(days=days)
    people = shop.customers.values()
    assert members(shop.outcomes) == Counter(name for each in people for name in (*each.segments, *each.tags))


SEEN = [{"feature": "views_7d", "at_least": 1}]
EVERYBODY = {"name": "everybody", "where": [{"feature": "orders_total", "at_least": 0}]}


def test_a_visitor_who_is_forgotten_leaves() -> None:
    shop = Shop(plan(segments=[EVERYBODY]))
    assert changes(shop, view(customer_id=None, anonymous_id="v")) == [("everybody", "entered")]
    assert told(shop.mark(days=400)) == [("everybody", "left")]
    assert (shop.customers, members(shop.outcomes)) == ({}, Counter())


def test_a_visitor_who_turns_out_to_be_a_customer_leaves_where_the_customer_enters() -> None:
    town = (
        Town(plan(segments=[EVERYBODY])).tell(view(customer_id=None, anonymous_id="v1"), linked("v1", minutes=3)).rest()
    )
    said = [(each["anonymous_id"], each["customer_id"], each["change"]) for each in town.of(SEGMENTS_TOPIC)]
    assert sorted(said, key=str) == [("v1", None, "entered"), ("v1", None, "left"), (None, "ada", "entered")]
    facts = [fact["values"] for fact in town.of(FACTS_TOPIC) if fact.get("fact") == "segment"]
    assert sum(values["members"] for values in facts) == 1
