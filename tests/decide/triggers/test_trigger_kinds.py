"""Triggers about segments, milestones, chosen offers, and what does not happen to one order, product or message."""

from itertools import permutations, product
from typing import Any

import pytest

from streamproc.decide.segments.decay import FILL
from streamproc.events.decisions import Retraction, Trigger
from streamproc.events.log import LogEntry, TimerDue
from streamproc.events.raw import Event
from streamproc.events.times import rfc3339
from tests.builders import (
    REWARDS,
    Shop,
    add,
    at_ms,
    clicked,
    consent,
    delivered,
    erasure,
    identified,
    on_order,
    opened,
    order,
    plan,
    refund,
    refused_by,
    sent,
    sent_by,
    view,
)

LOYAL = {"name": "loyal", "where": [{"feature": "orders_28d", "at_least": 2}]}
HELLO = {"name": "hello", "kind": "segment", "segment": "loyal", "cool_down_hours": 0}


def triggers(outcomes: Any) -> list[Trigger]:
    return [d for outcome in outcomes for d in outcome.decisions if isinstance(d, Trigger)]


def test_entering_a_segment_and_leaving_it_by_time_alone() -> None:
    bye = HELLO | {"name": "bye", "change": "left"}
    shop = Shop(plan(HELLO, bye, segments=[LOYAL]))
    assert sent_by(shop.sees(order(), order(days=1), order(days=2))) == ["hello"]
    [left] = triggers(shop.mark(days=60))
    assert (left.trigger, left.at[:10]) == ("bye", rfc3339(at_ms(days=29))[:10])


def test_nobody_who_was_erased_is_told_that_they_left() -> None:
    shop = Shop(plan(HELLO | {"change": "left"}, segments=[LOYAL]))
    outcomes = shop.sees(order(), order(days=1), erasure(days=2))
    assert (sent_by(outcomes), refused_by(outcomes)) == ([], [])


def test_a_changed_configuration_is_no_occasion_but_days_are_waited_for_from_then_on() -> None:
    shop = Shop(plan())
    shop.sees(order(), order(days=1), identified({"born_on": "1984-05-20"}, days=1))
    shop.plan = plan(HELLO, BIRTHDAY, segments=[LOYAL])
    filled = shop.steps(LogEntry("c/ada", at_ms(days=2), "topic/0/9/fill", 9, TimerDue(FILL)))
    assert sent_by([filled]) == []
    assert shop.ada.segments.keys() == {"loyal"}
    assert sent_by(shop.mark(days=30)) == ["birthday"]


def test_the_nth_order() -> None:
    shop = Shop(plan({"name": "third", "kind": "milestone", "orders": 3, "cool_down_hours": 0}))
    outcomes = shop.sees(order(), order(days=1), order(days=2), order(days=3))
    assert [(each.trigger, each.at) for each in triggers(outcomes)] == [("third", rfc3339(at_ms(days=2)))]


BIRTHDAY = {"name": "birthday", "kind": "milestone", "date": "born_on", "max_age_hours": 48}


@pytest.mark.parametrize(
    ("said", "at", "years"),
    [
        ("1984-05-03", "2024-05-03T08:00:00Z", 40.0),
        ("05-03", "2024-05-03T08:00:00Z", None),
        ("1984-02-29", "2025-02-28T09:00:00Z", 41.0),
        ("1984-05-01", "2025-05-01T08:00:00Z", 41.0),  # it is past nine o'clock on that day
    ],
)
def test_a_birthday_by_the_customers_clock(said: str, at: str, years: float | None) -> None:
    shop = Shop(plan(BIRTHDAY))
    shop.sees(identified({"born_on": said, "time_zone": "Europe/London"}))
    [first, *_] = triggers(shop.mark(days=365))
    assert (first.at, first.values.get("years")) == (at, years)


def test_a_birthday_comes_every_year_and_on_29_february_only_if_there_is_one() -> None:
    shop = Shop(plan(BIRTHDAY))
    shop.sees(identified({"born_on": "1984-02-29"}))
    days = [each.at[:10] for each in triggers(shop.mark(days=4 * 366))]
    assert days == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_a_day_that_is_said_otherwise_moves_it_and_what_is_no_day_ends_it() -> None:
    shop = Shop(plan(BIRTHDAY))
    shop.sees(identified({"born_on": "1984-06-01"}), identified({"born_on": "1984-07-01"}, minutes=1))
    assert [each.at[:10] for each in triggers(shop.mark(days=90))] == ["2024-07-01"]
    shop.sees(identified({"born_on": "soon"}, days=91))
    assert triggers(shop.mark(days=900)) == []


def test_days_before_a_birthday_may_be_in_the_year_before() -> None:
    shop = Shop(plan(BIRTHDAY | {"days_before": 10}))
    shop.sees(identified({"born_on": "1984-01-03"}))
    assert [(each.at[:10], each.values["years"]) for each in triggers(shop.mark(days=300))] == [("2024-12-24", 41.0)]


def test_the_anniversary_of_the_first_order() -> None:
    shop = Shop(plan({"name": "a_year", "kind": "milestone", "date": "first_order"}))
    shop.sees(order(), order(days=5))
    assert [(each.at[:10], each.values["years"]) for each in triggers(shop.mark(days=800))] == [
        ("2025-05-01", 1.0),
        ("2026-05-01", 2.0),
    ]


def test_a_chosen_offer_is_sent() -> None:
    offers = {"policy": {"on": ["order_placed"]}, "offer": [{"id": "gift", "content": "g"}]}
    shop = Shop(plan({"name": "send_offer", "kind": "offer"}, offers=offers))
    [outcome] = shop.sees(order())
    [trigger, offer] = outcome.decisions
    assert isinstance(trigger, Trigger)
    assert trigger.offer_id == "gift"
    assert trigger.correlation == "gift/2024-05-01T12:00:00Z"
    assert getattr(offer, "offer_id", None) == "gift"
    other = Shop(plan({"name": "send_offer", "kind": "offer", "offers": ["mug"]}, offers=offers))
    assert sent_by(other.sees(order())) == []


def test_a_click_that_names_the_trigger_or_its_message_is_a_reward_of_the_offer() -> None:
    offers = {"policy": {"on": ["order_placed"], "model": REWARDS}, "offer": [{"id": "gift", "content": "g"}]}
    rewards = {"features": ["log_orders"], "horizon_days": 1, "click": 0.25}
    rule = {"name": "send_offer", "kind": "offer"}
    for linked, first in product((True, False), repeat=2):
        shop = Shop(plan(rule, offers=offers, rewards=rewards))
        [trigger] = triggers(shop.sees(order()))
        told: list[Event] = [sent("m1", trigger_id=trigger.trigger_id if linked else None, minutes=1)]
        shop.sees(*([*told, clicked("m1", hours=2)] if first else [clicked("m1", hours=2), *told]))
        learned = [each.label for outcome in shop.mark(days=30) for each in outcome.examples if each.model == REWARDS]
        assert learned == ([0.25] if linked else [0.0])


UNOPENED = {
    "name": "unopened", "kind": "absence", "correlate": "message", "after": ["delivered"], "unless": ["opened"],
    "delay_minutes": 60, "cool_down_hours": 0,
}  # fmt: skip


def test_each_message_has_a_delay_of_its_own() -> None:
    shop = Shop(plan(UNOPENED))
    shop.sees(delivered("m1"), delivered("m2", minutes=1), delivered("m3", minutes=2), opened("m2", minutes=30))
    assert [(each.correlation, each.at) for each in triggers(shop.mark(days=1))] == [
        ("m1", rfc3339(at_ms(minutes=60))),
        ("m3", rfc3339(at_ms(minutes=62))),
    ]


def test_a_machines_open_is_none() -> None:
    shop = Shop(plan(UNOPENED))
    shop.sees(delivered("m1"), opened("m1", seconds=1))
    assert sent_by(shop.mark(days=1)) == ["unopened"]


def test_whatever_the_order_of_arrival_the_same_is_awaited() -> None:
    told: list[Event] = [delivered("m1"), delivered("m2", minutes=1), opened("m1", minutes=3)]
    for each in permutations(told):
        shop = Shop(plan(UNOPENED))
        shop.sees(*each)
        assert [trigger.correlation for trigger in triggers(shop.mark(days=1))] == ["m2"]


def test_a_late_open_takes_back_what_was_said_of_its_message_alone() -> None:
    shop = Shop(plan(UNOPENED))
    shop.sees(delivered("m1"), delivered("m2"))
    said = {each.correlation: each.trigger_id for each in triggers(shop.mark(hours=2))}
    outcomes = shop.sees(opened("m2", minutes=20))
    taken_back = [d.trigger_id for outcome in outcomes for d in outcome.decisions if isinstance(d, Retraction)]
    assert taken_back == [said["m2"]]


def test_a_product_that_was_carted_and_not_bought() -> None:
    rule = UNOPENED | {"correlate": "product", "after": ["cart_added"], "unless": ["order_placed"]}
    shop = Shop(plan(rule))
    shop.sees(add("lamp"), add("rug"), order("rug", minutes=10))
    assert [each.correlation for each in triggers(shop.mark(days=1))] == ["lamp"]


def test_an_order_that_is_not_followed_by_its_refund() -> None:
    rule = UNOPENED | {"correlate": "order", "after": ["order_placed"], "unless": ["order_refunded"]}
    shop = Shop(plan(rule))
    shop.sees(order(order_id="o1"), order(order_id="o2"), refund("o1", minutes=5))
    assert [each.correlation for each in triggers(shop.mark(days=1))] == ["o2"]


def test_what_is_awaited_of_many_is_bounded() -> None:
    shop = Shop(plan(UNOPENED))
    shop.sees(*(delivered(f"m{number}", minutes=number / 10) for number in range(100)))
    assert len(shop.ada.awaited) == 24
    assert len(sent_by(shop.mark(days=1))) == 24


def test_quiet_hours_over_the_change_of_clocks_end_when_the_clock_says_so() -> None:
    """Clocks in London went back at 2:00 on 27 October 2024, and forward at 1:00 on 31 March 2024."""
    night = {"quiet_hours": {"begin": "21:00", "end": "08:00"}}
    for day, end in ((178.5, "2024-10-27T08:00:00Z"), (-31.5, "2024-03-31T07:00:00Z")):
        shop = Shop(plan(on_order(), policy=night))
        shop.sees(consent(days=day - 1), identified({"time_zone": "Europe/London"}, days=day - 1))
        shop.sees(order(days=day, minutes=0), view(days=day))
        assert [each.at for each in triggers(shop.mark(days=day + 1))] == [end]
