"""A feature that `config/features.toml` declares is what a naive count of all events says."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.codec import decode, encode
from streamproc.customer.declared.counting import DeclaredFeatures
from streamproc.customer.declared.settings import MAX_KEPT, FeatureSettings
from streamproc.customer.features import Features
from streamproc.customer.folds import fold
from streamproc.customer.state import MAX_TOTAL_MICROS, Customer
from streamproc.customer.view import CustomerView
from streamproc.decide.step import step
from streamproc.events.raw import Event
from streamproc.events.times import epoch_ms
from tests.builders import NO_MODELS, add, at_ms, entries, entry, erasure, order, plan, view
from tests.strategies import events

BLOCK: dict[str, Any] = {"name": "views", "description": "Pages.", "event": "page_viewed", "window": "14d"}
DAY = 24 * 60
LATENESS = DAY - 1
"""In minutes: so late may an event be, and each window is still whole."""


def declared(*blocks: dict[str, Any]) -> DeclaredFeatures:
    return DeclaredFeatures.of(FeatureSettings.model_validate({"feature": list(blocks)}))


def after(features: DeclaredFeatures, happened: Iterable[Event], customer: Customer | None = None) -> Customer:
    """The customer after these events, in the order of arrival; written and read again after each of them."""
    for each in entries(happened):
        customer = decode(encode(fold(customer, each, features)))
    assert customer is not None
    return customer


def value(features: DeclaredFeatures, customer: Customer, now_ms: int, name: str = "views") -> float:
    return Features(CustomerView(customer, now_ms), features.functions)[name]


def naive(block: dict[str, Any], happened: Iterable[Event], now: datetime) -> float:
    """The same by looking at every event, with the calendar instead of with buckets."""
    first, until = block.get("hours", (0, 24))
    total = 0.0
    for event in happened:
        then = event.occurred_at
        if block["window"].endswith("d"):
            age = ((now - timedelta(hours=first)).date() - (then - timedelta(hours=first)).date()).days
        else:
            hour, its = (moment.replace(minute=0, second=0, microsecond=0) for moment in (now, then))
            age = (hour - its) // timedelta(hours=1)
        is_then = first <= then.hour < until if first < until else then.hour >= first or then.hour < until
        fits = event.type in block["event"] and all(
            getattr(event, name) in choices for name, choices in block.get("where", {}).items()
        )
        if fits and is_then and 0 <= age < int(block["window"][:-1]):
            total += getattr(event, block["sum"]) if "sum" in block else 1
    return total / 1_000_000 if block.get("sum") == "amount" else total


minutes = st.integers(0, 20 * DAY)
happenings: st.SearchStrategy[Any] = st.one_of(
    st.builds(lambda m, device: view(minutes=m, device=device), minutes, st.sampled_from([None, "phone", "desk"])),
    st.builds(lambda m, quantity: add(minutes=m, quantity=quantity), minutes, st.integers(1, 5)),
    st.builds(lambda m, pounds: order(minutes=m, pounds=pounds), minutes, st.integers(0, 9)),
)
arrivals = st.lists(st.tuples(happenings, st.integers(0, LATENESS)), min_size=1, max_size=12).map(
    lambda some: [event for event, _ in sorted(some, key=lambda each: each[0].occurred_at + timedelta(minutes=each[1]))]
)
"""Events in any order in which none is later than the lateness."""

what: st.SearchStrategy[Any] = st.sampled_from([
    {"event": ["page_viewed"]},
    {"event": ["page_viewed", "cart_added"]},
    {"event": ["page_viewed"], "where": {"device": ["phone", "tablet"]}},
    {"event": ["cart_added"], "sum": "quantity"},
    {"event": ["order_placed"], "where": {"is_paid": [True]}},
    {"event": ["order_placed"], "sum": "amount", "where": {"currency": ["GBP"]}},
])  # fmt: skip
windows = st.one_of(st.integers(1, 30).map("{}d".format), st.integers(1, 168).map("{}h".format))
hours = st.tuples(st.integers(0, 23), st.integers(0, 24)).filter(lambda two: (two[1] - two[0]) % 24)
definitions = st.builds(
    lambda counts, window, between: BLOCK | counts | {"window": window} | ({"hours": between} if between else {}),
    what,
    windows,
    st.none() | hours,
)


@settings(deadline=None)
@given(arrivals, definitions, minutes)
def test_at_every_moment_a_feature_is_what_a_count_of_all_events_says(
    happened: list[Event], block: dict[str, Any], later: int
) -> None:
    features = declared(block)
    customer: Customer | None = None
    for number, event in enumerate(happened, 1):
        customer = after(features, [event], customer)
        known = value(features, customer, epoch_ms(event.occurred_at))
        assert known == pytest.approx(naive(block, happened[:number], event.occurred_at))
    now = max(event.occurred_at for event in happened) + timedelta(minutes=later)
    assert customer is not None
    assert value(features, customer, epoch_ms(now)) == pytest.approx(naive(block, happened, now))


@settings(deadline=None)
@given(arrivals.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), definitions)
def test_what_is_within_the_window_is_counted_alike_in_any_order(
    both: tuple[list[Event], list[Event]], block: dict[str, Any]
) -> None:
    features = declared(block | {"window": "30d"})
    one, other = (after(features, happened) for happened in both)
    assert one.counts == other.counts


@settings(deadline=None)
@given(st.lists(events, max_size=15))
def test_what_is_decided_by_a_declared_feature_is_decided_again_from_states_that_were_written(
    happened: list[Event],
) -> None:
    busy = {"name": "busy", "kind": "threshold", "feature": "views", "above": 2, "cool_down_hours": 0}
    rules = plan(busy, features=[BLOCK])
    live: Customer | None = None
    again: Customer | None = None
    for each in entries(happened):
        outcome = step(live, each, rules, NO_MODELS)
        assert step(again, each, rules, NO_MODELS) == outcome
        live = outcome.customer
        again = None if live is None else decode(encode(live))


def test_a_window_of_nights_has_whole_nights() -> None:
    features = declared(BLOCK | {"window": "2d", "hours": (22, 6)})
    customer = after(features, [view(hours=9), view(hours=10), view(hours=17.9), view(hours=18)])  # from 21:00 on
    assert value(features, customer, at_ms(hours=24)) == 2
    assert value(features, customer, at_ms(hours=57)) == 2  # before the third night begins
    assert value(features, customer, at_ms(hours=58)) == 0


def test_a_late_event_is_counted_as_long_as_its_bucket_is_kept() -> None:
    features = declared(BLOCK | {"window": "1d"})
    customer = after(features, [view(days=20), view(days=13), view(days=12)])
    assert [value(features, customer, at_ms(days=day)) for day in (20, 13, 12)] == [1, 1, 0]


def test_a_replay_of_the_same_event_is_counted_once() -> None:
    rules = plan(features=[BLOCK])
    state: Customer | None = None
    for offset in range(3):
        state = step(state, entry(view(event_id="same"), offset), rules, NO_MODELS).customer
    assert state is not None
    assert value(rules.declared, state, at_ms()) == 1


def test_the_order_and_the_names_of_the_blocks_do_not_matter() -> None:
    one, other = BLOCK, BLOCK | {"name": "lines", "event": "cart_added"}
    happened: list[Event] = [view(), add()]
    renamed = other | {"name": "in_the_cart", "description": "Another one."}
    assert after(declared(one, other), happened).counts == after(declared(renamed, one), happened).counts


def test_what_two_blocks_count_alike_is_counted_once() -> None:
    features = declared(BLOCK, BLOCK | {"name": "again"})
    customer = after(features, [view(), view()])
    assert len(customer.counts) == 1
    assert {value(features, customer, at_ms(), name) for name in ("views", "again")} == {2}


@pytest.mark.parametrize(
    "change",
    [{"window": "15d"}, {"hours": (0, 12)}, {"where": {"device": "phone"}}, {"event": ["page_viewed", "cart_added"]}],
)
def test_a_changed_definition_begins_at_nothing(change: dict[str, Any]) -> None:
    before, changed = declared(BLOCK), declared(BLOCK | change)
    customer = after(before, [view(), view()])
    assert value(changed, customer, at_ms()) == 0
    assert changed.beyond(before.keys) == {"views"}


@pytest.mark.parametrize("event", [view(device="phone"), order()], ids=["one that counts", "one that does not"])
def test_what_is_no_longer_declared_is_dropped_at_the_next_event(event: Event) -> None:
    before, now = declared(BLOCK, BLOCK | {"name": "more", "window": "20d"}), declared(BLOCK)
    customer = after(now, [event], after(before, [view()]))
    assert customer.counts.keys() == now.keys
    assert after(declared(), [event], customer).counts == {}


def test_what_is_erased_is_not_counted_any_more() -> None:
    features = declared(BLOCK, BLOCK | {"name": "asked", "event": "erasure_requested"})
    assert after(features, [view(), erasure()]).counts == {}


def test_the_features_of_the_most_hostile_customer_are_bounded() -> None:
    """Days as long as they may be, each with the greatest number, and none that is not kept."""
    days = (366, 365, 364, 363, 362)
    blocks = [BLOCK | {"name": f"f{n}", "event": "order_placed", "sum": "amount", "window": f"{n}d"} for n in days]
    features = declared(*blocks)
    customer: Customer | None = None
    for offset in range(800):
        customer = fold(customer, entry(order(pounds=10**9, days=offset, order_id=f"o{offset}"), offset), features)
    assert customer is not None
    for buckets in customer.counts.values():
        buckets.rows = [(row[0], MAX_TOTAL_MICROS) for row in buckets.rows]
    rows = [buckets.rows for buckets in customer.counts.values()]
    assert MAX_KEPT * 0.9 < sum(map(len, rows)) <= MAX_KEPT
    assert len(orjson.dumps(rows)) <= 64 * 1024


@pytest.mark.slow
def test_a_sum_stops_where_it_could_not_be_stored_any_more() -> None:
    features = declared(BLOCK | {"event": "order_placed", "sum": "amount"})
    customer: Customer | None = None
    for offset in range(10_000):
        customer = fold(customer, entry(order(pounds=10**9, order_id=f"o{offset}"), offset), features)
    assert customer is not None
    assert value(features, decode(encode(customer)), at_ms()) == MAX_TOTAL_MICROS / 1_000_000


def test_a_model_knows_a_feature_by_its_definition() -> None:
    one, changed = (declared(BLOCK | {"window": window}) for window in ("14d", "15d"))
    assert one.model_names != changed.model_names
    known = one.model_names["views"]
    customer = after(one, [view(), view()])
    assert value(one, customer, at_ms(), known) == value(one, customer, at_ms()) == 2
