"""What time alone does to segments: who enters and leaves without any event, and exactly when."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.features import FEATURES, NAMED, Features
from streamproc.customer.features.turning import TURNS
from streamproc.customer.profile_settings import ProfileSettings
from streamproc.customer.rfm import DEFAULT_GROUPS
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.decide.conditions import check_of
from streamproc.decide.plan import Plan
from streamproc.decide.segments.decay import DECAY
from streamproc.events.decisions import CustomerTagged, SegmentChange
from streamproc.events.money import MICROS
from streamproc.events.raw import Event
from streamproc.events.shop import Shop as ShopMoney
from streamproc.events.times import DAY_MS, epoch_ms, parse_rfc3339
from tests.builders import NO_MODELS, NOON_MS, Shop, at_ms, erasure, order, plan, view
from tests.decide.condition_trees import Conditions, trees
from tests.strategies import events

DECLARED: list[dict[str, Any]] = [
    {"name": "phone_14d", "description": "One.", "event": ["page_viewed", "product_viewed"], "window": "14d"},
    {"name": "views_36h", "description": "One.", "event": ["page_viewed"], "window": "36h"},
    {"name": "nights", "description": "One.", "event": ["order_placed"], "window": "9d", "hours": [22, 13]},
]
POUNDS = tuple(pounds * MICROS for pounds in (0, 5, 10, 20))
FIFTHS = ShopFigures("1", tuple(days * DAY_MS for days in (1, 7, 30, 90)), (0, 1, 1, 2), POUNDS, 2.0, 10 * MICROS)
BANK = replace(NO_MODELS, figures=FIFTHS)
names = st.sampled_from([*sorted(FEATURES.keys() - NAMED), *(block["name"] for block in DECLARED)])
limits = st.sampled_from([0, 0.25, 0.5, 1, 1.5, 2, 3, 7, 14, 30, 60, 90])
kinds = st.sampled_from(["at_least", "at_most", "above", "below", "equals"])
compared = st.builds(lambda name, kind, limit: {"feature": name, kind: limit}, names, kinds, limits)
groups = st.lists(st.sampled_from([group.name for group in DEFAULT_GROUPS]), min_size=1, max_size=3)
compared |= groups.map(lambda names: {"feature": "rfm_group", "one_of": names})
compared |= st.sampled_from(["a", "phone"]).map(lambda name: {"feature": "favourite_category", "equals": name})
KEPT = ProfileSettings.model_validate({"interests": {"keep": ["category", "device", "price"], "least_points": 1}})
of_traits: Conditions = st.sampled_from([{"trait": "city", "known": True}, {"trait": "city", "one_of": ["a", "b"]}])
conditions_of_tags = trees(compared | of_traits, most_parts=3, most_leaves=3)
TOLD, RULED = ["a", "b", "c"], ["c", "d", "e"]
of_tags = st.builds(
    lambda tag, days: {"tag": tag} | days,
    st.sampled_from([*TOLD, *RULED]),
    st.just({}) | st.fixed_dictionaries({"for_days": st.sampled_from([0.5, 1, 30])}),
)


@st.composite
def segment_blocks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Segments, each of which may ask for those above it."""
    blocks: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        leaves = compared | of_traits | of_tags
        if blocks:
            leaves |= st.sampled_from([{"segment": block["name"]} for block in blocks])
        blocks.append({"name": f"s{number}", "where": [draw(trees(leaves, most_parts=3, most_leaves=4))]})
    return blocks


rules = st.lists(conditions_of_tags, max_size=3).map(
    lambda where: [{"name": RULED[number], "where": [each]} for number, each in enumerate(where)]
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])
plans = st.builds(
    lambda blocks, tags, zone: replace(
        plan(segments=blocks, tags=tags, features=DECLARED), shop=ShopMoney("GBP", zone), profile=KEPT
    ),
    segment_blocks(),
    rules,
    zones,
)
histories = st.lists(events, min_size=1, max_size=8)
waits = st.lists(st.floats(0, 60) | st.floats(0, 700), max_size=4)


def scratch(plan: Plan, customer: Customer, now_ms: int, figures: ShopFigures | None = FIFTHS) -> set[str]:
    """Who has which tag and is in which segment, from what was told and the time alone, in the order of the files."""
    features = Features(CustomerView(customer, now_ms, figures), plan.functions)
    given = {tag.name for tag in plan.tags.tag if check_of(tag.where)(features)}
    found = {*given, *(name for name, word in customer.tag_words.items() if word.given)}
    known = customer.copy()
    known.tags = {name: customer.tags.get(name, now_ms) for name in found}
    known.segments = {}
    for segment in plan.segments.segment:
        features = Features(CustomerView(known, now_ms, figures), plan.functions)
        if check_of(segment.where)(features):
            known.segments = {**known.segments, segment.name: now_ms}
    return {*(f"tag {name}" for name in known.tags), *known.segments}


def found(customer: Customer) -> set[str]:
    """What decide has found of that."""
    return {*(f"tag {name}" for name in customer.tags), *customer.segments}


def lived(plan: Plan, history: Iterable[Event], days: Iterable[float]) -> Iterable[tuple[Shop, int]]:
    """A shop at each of its watermarks: when all has happened, and then after each wait."""
    shop = Shop(plan, BANK)
    shop.sees(*history)
    now = max(0.0, *((epoch_ms(event.occurred_at) - NOON_MS) / DAY_MS for event in history))
    for wait in (0.0, *days):
        now += wait
        shop.mark(days=now)
        yield shop, shop.complete_ms or 0


def woken(shop: Shop) -> list[tuple[int, bool]]:
    """When time alone was a reason to look at the customer, and whether it changed anything."""
    pairs = zip(shop.log, shop.outcomes, strict=True)
    return [(entry.at_ms, bool(told.decisions)) for entry, told in pairs if getattr(entry.event, "name", "") == DECAY]


@given(plans, histories, waits)
def test_at_each_watermark_the_members_are_those_whom_the_conditions_name_then(
    plan: Plan, history: list[Event], days: list[float]
) -> None:
    for shop, now_ms in lived(plan, history, days):
        assert found(shop.ada) == scratch(plan, shop.ada, now_ms)


@given(plans, histories, waits)
def test_who_enters_or_leaves_by_time_does_so_at_the_millisecond(
    plan: Plan, history: list[Event], days: list[float]
) -> None:
    for shop, _ in lived(plan, history, days):
        last = len(history)
        for entry, outcome in list(zip(shop.log, shop.outcomes, strict=True))[last:]:
            if outcome.customer is not None and outcome.decisions:
                before = scratch(plan, outcome.customer, entry.at_ms - 1)
                assert before != scratch(plan, outcome.customer, entry.at_ms)


@given(plans, histories, waits)
def test_each_tag_and_segment_comes_and_goes_in_turns(plan: Plan, history: list[Event], days: list[float]) -> None:
    *_, (shop, _) = lived(plan, history, days)
    inside: set[str] = set()
    last_ms = dict.fromkeys([*(f"s{number}" for number in range(4)), "tag d", "tag e"], 0)
    for outcome in shop.outcomes:
        for told in outcome.decisions:
            if isinstance(told, SegmentChange | CustomerTagged):
                name = told.segment if isinstance(told, SegmentChange) else f"tag {told.tag}"
                assert (name in inside) is (told.change in ("left", "taken"))
                inside ^= {name}
                if name in last_ms:  # what events say of tags is as of when they say it was
                    assert parse_rfc3339(told.at) >= last_ms[name]
                    last_ms[name] = parse_rfc3339(told.at)
    assert inside == found(shop.ada)


@given(plans, histories, waits)
def test_nobody_is_woken_for_nothing_twice_a_day(plan: Plan, history: list[Event], days: list[float]) -> None:
    *_, (shop, _) = lived(plan, sorted(history, key=lambda event: event.occurred_at), days)
    for_nothing = [at for at, changed in woken(shop) if not changed]
    assert all(later - earlier >= DAY_MS for earlier, later in pairwise(for_nothing))


@given(plans, histories)
def test_who_does_nothing_any_more_is_left_alone(plan: Plan, history: list[Event]) -> None:
    *_, (shop, _) = lived(plan, history, [800])
    still = [at for at, changed in woken(shop) if not changed and at > (shop.complete_ms or 0) - 300 * DAY_MS]
    assert len(still) <= 1
    assert all(due > (shop.complete_ms or 0) for due in shop.ada.timers.values())


def changes(shop: Shop) -> list[tuple[str, str, str]]:
    told = [each for outcome in shop.outcomes for each in outcome.decisions if isinstance(each, SegmentChange)]
    return [(each.segment, each.change, each.at) for each in told]


RECENT = {"name": "recent", "where": [{"feature": "days_since_last_order", "at_most": 90}]}
QUIET = {"name": "quiet", "where": [{"feature": "views_7d", "equals": 0}]}


def test_ninety_days_after_the_last_order_the_customer_has_left_with_the_next_millisecond() -> None:
    shop = Shop(plan(segments=[RECENT]))
    shop.sees(order())
    assert shop.ada.timers[DECAY] == at_ms(days=90) + 1
    shop.sees(order(days=10))
    assert shop.ada.timers[DECAY] == at_ms(days=100) + 1
    shop.mark(days=365)
    assert changes(shop)[1:] == [("recent", "left", "2024-08-09T12:00:00.001Z")]
    assert DECAY not in shop.ada.timers


def test_a_customer_becomes_one_at_risk_by_time_alone() -> None:
    risky = {"name": "risky", "where": [{"feature": "rfm_group", "equals": "at_risk"}]}
    shop = Shop(plan(segments=[risky]), BANK)
    shop.sees(*(order(order_id=f"o{days}", days=days) for days in range(3)))
    shop.mark(days=400)
    assert changes(shop) == [
        ("risky", "entered", "2024-06-02T12:00:00.001Z"),
        ("risky", "left", "2025-05-02T00:00:00Z"),
    ]


def test_a_segment_is_entered_when_a_window_is_empty() -> None:
    shop = Shop(plan(segments=[QUIET]))
    shop.sees(view(), view(days=3))
    shop.mark(days=30)
    assert changes(shop) == [("quiet", "entered", "2024-05-11T00:00:00Z")]


def test_leaving_is_told_although_the_mark_comes_only_after_the_return() -> None:
    shop = Shop(plan(segments=[RECENT]))
    shop.sees(order(), order(days=200))
    assert [(change, at) for _, change, at in changes(shop)] == [
        ("entered", "2024-05-01T12:00:00Z"),
        ("left", "2024-07-30T12:00:00.001Z"),
        ("entered", "2024-11-17T12:00:00Z"),
    ]


@pytest.mark.parametrize("by_mark", [True, False])
def test_what_is_told_late_does_not_bring_back_what_is_over(*, by_mark: bool) -> None:
    shop = Shop(plan(segments=[{"name": "busy", "where": [{"feature": "views_7d", "at_least": 1}]}]))
    shop.sees(view())
    if by_mark:
        shop.mark(days=20)
    else:
        shop.sees(order(days=20))
    shop.sees(view(days=2))
    shop.mark(days=30)
    assert changes(shop) == [
        ("busy", "entered", "2024-05-01T12:00:00Z"),
        ("busy", "left", "2024-05-08T00:00:00Z"),
    ]


def test_what_is_told_late_counts_from_now_on() -> None:
    shop = Shop(plan(segments=[RECENT]))
    shop.sees(view())
    shop.mark(days=20)
    shop.sees(order(days=2))
    assert changes(shop) == [("recent", "entered", "2024-05-21T12:00:00Z")]


def test_a_visitor_is_forgotten_though_a_segment_would_change_later() -> None:
    shop = Shop(plan(segments=[{"name": "old", "where": [{"feature": "recency_weeks", "above": 40}]}, RECENT]))
    shop.sees(order(customer_id=None, anonymous_id="v"))
    shop.mark(days=91)
    assert shop.customers == {}


def test_an_erased_customer_s_segments_change_no_more() -> None:
    shop = Shop(plan(segments=[RECENT, QUIET]))
    shop.sees(order(), erasure(days=1))
    shop.mark(days=300)
    assert DECAY not in shop.ada.timers


def test_every_feature_of_the_code_says_what_time_does_to_it() -> None:
    assert FEATURES.keys() == TURNS.keys()
