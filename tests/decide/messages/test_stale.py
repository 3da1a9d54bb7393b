"""History changes what is known, and nobody hears of it: nothing goes out because of what is told long after."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.decide.outcome import Outcome
from streamproc.events.decisions import Offer, Trigger
from streamproc.events.log import LogEntry
from streamproc.events.raw import Event
from streamproc.models.releases.bank import ModelBank
from tests.builders import (
    ASKED,
    KEY,
    MODEL,
    NO_MODELS,
    Shop,
    abandoned_cart,
    add,
    backfilled,
    checkout,
    entry,
    on_order,
    order,
    plan,
    refused_by,
    release,
    remove,
    sent_by,
    told_later,
    view,
)
from tests.strategies import events

ANY_AGE = {"max_age_hours": 87_840, "cool_down_hours": 0}
RULES = (
    abandoned_cart(**ANY_AGE),
    on_order(**ANY_AGE),
    {"name": "left", "kind": "absence", "after": ["page_viewed"], "unless": ["order_placed"], "delay_minutes": 30}
    | ANY_AGE,
    {"name": "keen", "kind": "threshold", "feature": "views_24h", "above": 1} | ANY_AGE,
    {"name": "leaving", "kind": "threshold", "score": MODEL, "above": 0.0} | ANY_AGE,
)
OFFERS = {"policy": {"max_age_hours": 87_840}, "offer": [{"id": "gift", "content": "g", "expected_reward": 1}]}
NOW = {"days": 1_200}


@cache
def learned() -> ModelBank:
    return ModelBank(KEY, ASKED).with_release(release(ASKED[MODEL]))


def a_shop(*rules: dict[str, Any], bank: ModelBank = NO_MODELS) -> Shop:
    return Shop(plan(*rules or RULES, offers=OFFERS, policy={"visitor_days": 3650}), bank)


def messages(outcomes: Sequence[Outcome]) -> list[Trigger | Offer]:
    return [said for outcome in outcomes for said in outcome.decisions if isinstance(said, Trigger | Offer)]


def facts(outcomes: Sequence[Outcome]) -> list[Any]:
    """What is counted of what happened; not of what was decided, and asked and answered. Groups change as of now."""
    groups = ("segment", "tag")
    own = {"trigger", "trigger_response", "trigger_order", "retraction", "journey", "suppression", "offer", "answer"}
    told = [fact for outcome in outcomes for fact in outcome.facts if fact.fact not in own]
    return [(fact.fact, None if fact.fact in groups else fact.at_ms, fact.values) for fact in told]


def numbered(told: Iterable[LogEntry]) -> list[LogEntry]:
    return [replace(each, position=f"topic/0/{number}") for number, each in enumerate(told)]


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.lists(events, max_size=8))
def test_of_history_nothing_goes_out_now_or_later_and_everything_is_counted(happened: list[Event]) -> None:
    now, then = a_shop(bank=learned()), a_shop(bank=learned())
    now.mark(**NOW)
    told = [now.steps(each) for each in numbered(map(backfilled, happened))]
    woken = now.mark(days=NOW["days"] + 800)
    assert messages([*told, *woken]) == []
    assert facts(told) == facts(then.sees(*happened))


@settings(deadline=None, max_examples=60)
@given(st.lists(events, max_size=8))
def test_the_same_history_told_as_of_then_goes_out(happened: list[Event]) -> None:
    """Received when it happened, with event time not yet beyond it: so `streamproc send` and a replay tell the past."""
    then, plain = a_shop(bank=learned()), a_shop(bank=learned())
    told = [then.steps(each) for each in numbered(told_later(event, hours=0) for event in happened)]
    assert messages(told) == messages(plain.sees(*happened))


def stale_add() -> LogEntry:
    return backfilled(add())


@pytest.mark.parametrize("late", [stale_add(), told_later(add(), hours=49)])
def test_a_cart_of_long_ago_sets_no_reminder(late: LogEntry) -> None:
    shop = a_shop(abandoned_cart())
    shop.mark(**NOW)
    shop.steps(late)
    assert [name for name in shop.ada.timers if name.startswith("trigger:")] == []


def test_history_leaves_the_reminder_of_a_cart_of_now_as_it_is() -> None:
    alone, both = a_shop(abandoned_cart()), a_shop(abandoned_cart())
    for shop in (alone, both):
        shop.sees(add("rug", **NOW))
    both.steps(stale_add())
    assert both.ada.timers == alone.ada.timers
    assert sent_by(both.mark(days=NOW["days"] + 1)) == ["abandoned_cart"]


def test_history_ends_a_reminder_that_it_answers() -> None:
    shop = a_shop(abandoned_cart())
    shop.sees(add(minutes=0))
    shop.steps(backfilled(order("lamp", minutes=5)))
    assert sent_by(shop.mark(days=1)) == []


def test_a_customer_with_a_past_is_reminded_of_a_cart_of_now() -> None:
    shop = a_shop(abandoned_cart())
    shop.steps(backfilled(order()))
    shop.steps(stale_add())
    shop.sees(add("rug", **NOW), checkout(**NOW), remove("vase", **NOW))
    assert sent_by(shop.mark(days=NOW["days"] + 1)) == ["abandoned_cart"]


@pytest.mark.parametrize(("hours", "offered"), [(48, 1), (49, 0)])
def test_an_order_that_is_told_too_late_is_no_occasion_for_an_offer(hours: float, offered: int) -> None:
    shop = Shop(plan(offers={"offer": OFFERS["offer"]}))
    assert len(messages([shop.steps(told_later(order(), hours=hours))])) == offered


def test_a_timer_that_was_due_before_event_time_had_come_there_is_no_occasion() -> None:
    """The record's own time may say that it was received then; event time says that it was not."""
    rule = {"name": "left", "kind": "absence", "after": ["page_viewed"], "unless": [], "delay_minutes": 30}
    shop = Shop(plan(rule | {"max_age_hours": 48}))
    shop.mark(**NOW)
    shop.sees(view(days=NOW["days"] - 2.0), view(days=NOW["days"] - 1.9))
    assert sent_by(shop.mark(days=NOW["days"] + 1)) == ["left"]
    shop.sees(view(days=10))
    assert (sent_by(shop.mark(days=NOW["days"] + 2)), shop.ada.timers.get("trigger:left")) == ([], None)


def test_questions_of_a_past_that_is_told_today_cross_no_line() -> None:
    """Weekly questions of months ago are asked when the orders of then are told, also between two of these."""
    shop = a_shop({"name": "leaving", "kind": "threshold", "score": MODEL, "above": 0.5}, bank=learned())
    shop.mark(days=300)
    told = [shop.steps(replace(entry(order(days=day)), received_ms=None)) for day in (0, 100, 200)]
    outcomes = [*told, *shop.mark(days=301)]
    assert sent_by(outcomes) == []
    assert ("leaving", "stale") in refused_by(outcomes)
