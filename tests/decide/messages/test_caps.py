"""Not too much, not to the control, and of what competes the worthiest."""

import pytest

from streamproc.events.email import Dropped
from streamproc.events.times import rfc3339
from tests.builders import (
    abandoned_cart,
    add,
    at_ms,
    delivered,
    envelope,
    identified,
    on_order,
    order,
    refused_by,
    sent,
    sent_by,
    view,
)
from tests.decide.messages.policed import shop_with, suppressions, triggers

TWO_A_DAY = {"name": "two_a_day", "limit": 2, "per": "day"}
HELD_BACK = {"percent": 15, "salt": "x"}


def test_what_is_above_a_cap_is_refused_until_the_next_day() -> None:
    shop = shop_with(cap=[TWO_A_DAY])
    outcomes = shop.sees(order(), order(hours=1), order(hours=2), order(hours=12))
    assert len(sent_by(outcomes)) == 3
    [refused] = suppressions(outcomes)
    assert (refused.reason, refused.rule, refused.detail, refused.deferred) == ("capped", "caps", "two_a_day", False)
    assert refused.until == rfc3339(at_ms(hours=12))


def test_a_cap_of_every_purpose_counts_what_is_transactional_and_one_of_marketing_does_not() -> None:
    rules = (on_order(name="receipt", cap_class="transactional"), on_order(name="look", on=["page_viewed"]))
    for purpose, refused in (("marketing", []), ("all", [("look", "capped")])):
        shop = shop_with(*rules, cap=[{"name": "one", "limit": 1, "hours": 24, "purpose": purpose}])
        assert refused_by(shop.sees(order(), view(minutes=5))) == refused
        assert sent_by(shop.sees(order(minutes=6))) == ["receipt"]


def test_a_limit_of_0_means_never() -> None:
    shop = shop_with(on_order(defer=True), cap=[{"name": "none", "limit": 0, "hours": 1}])
    [refused] = suppressions(shop.sees(order()))
    assert (refused.reason, refused.until, refused.deferred) == ("capped", None, False)


def test_a_cap_of_a_channel_leaves_the_others() -> None:
    rule = on_order(channels=["email", "push"])
    shop = shop_with(rule, cap=[{"name": "one_mail", "limit": 1, "hours": 24, "channel": "email"}])
    assert [each.channel for each in triggers(shop.sees(order(), order(hours=1)))] == ["email", "push"]


def test_a_rolling_cap_frees_when_the_oldest_leaves_the_window() -> None:
    shop = shop_with(cap=[{"name": "two", "limit": 2, "hours": 24}])
    outcomes = shop.sees(order(), order(hours=20), order(hours=23), order(hours=24))
    assert [each.until for each in suppressions(outcomes)] == [rfc3339(at_ms(hours=24))]
    assert len(sent_by(outcomes)) == 3


@pytest.mark.parametrize(("per", "days"), [("day", 0.5), ("week", 4.5), ("month", 30.5)])
def test_calendar_caps_end_with_their_period_by_the_customers_clock(per: str, days: float) -> None:
    """1 May 2024 was a Wednesday; periods end at midnight."""
    [refused] = suppressions(shop_with(cap=[{"name": "one", "limit": 1, "per": per}]).sees(order(), order(minutes=1)))
    assert refused.until == rfc3339(at_ms(days=days))
    shop = shop_with(cap=[{"name": "one", "limit": 1, "per": per}])
    shop.sees(identified({"time_zone": "Asia/Tokyo"}), order(minutes=1))
    [refused] = suppressions(shop.sees(order(minutes=2)))
    assert refused.until == rfc3339(at_ms(days=days, hours=-9))


def test_messages_of_others_count_too_and_what_was_dropped_does_not() -> None:
    shop = shop_with(cap=[{"name": "one", "limit": 1, "hours": 24}])
    shop.sees(sent("newsletter"), delivered("newsletter", minutes=1))
    assert refused_by(shop.sees(order(hours=1))) == [("thanks", "capped")]
    shop = shop_with(cap=[{"name": "one", "limit": 1, "hours": 24}])
    [first] = triggers(shop.sees(order()))
    shop.sees(Dropped(message_id="m1", trigger_id=first.trigger_id, **envelope({"minutes": 1})))
    assert sent_by(shop.sees(order(hours=1))) == ["thanks"]


def test_a_trigger_and_its_message_are_one() -> None:
    shop = shop_with(cap=[{"name": "two", "limit": 2, "hours": 24}])
    [first] = triggers(shop.sees(order()))
    shop.sees(delivered("m1", minutes=2), sent("m1", trigger_id=first.trigger_id, minutes=1))
    assert sent_by(shop.sees(order(hours=1))) == ["thanks"]
    assert refused_by(shop.sees(order(hours=2))) == [("thanks", "capped")]


def test_transactional_messages_pass_caps_quiet_hours_and_the_holdout() -> None:
    rule = on_order(cap_class="transactional")
    shop = shop_with(
        rule, cap=[{"name": "none", "limit": 0, "hours": 1}], quiet_hours={"begin": "00:00", "end": "23:59"}
    )
    assert sent_by(shop.sees(order())) == ["thanks"]


def test_the_control_group_gets_no_marketing_and_is_told() -> None:
    held: list[int] = []
    others: list[int] = []
    for number in range(200):
        shop = shop_with(holdout=HELD_BACK)
        outcomes = shop.sees(order(customer_id=f"c{number}"))
        (held if not sent_by(outcomes) else others).append(number)
        reasons = [(each.reason, each.detail) for each in suppressions(outcomes)]
        assert reasons == ([("held_out", "x")] if number in held else [])
    assert 15 <= len(held) <= 45
    assert others


def test_a_greater_control_group_keeps_who_was_in_it() -> None:
    def held(percent: float) -> set[int]:
        shops = {n: shop_with(holdout={"percent": percent}).sees(order(customer_id=f"c{n}")) for n in range(200)}
        return {number for number, outcomes in shops.items() if not sent_by(outcomes)}

    assert held(0) == set()
    assert held(5) < held(15)


def test_who_is_on_the_suppression_list_gets_no_marketing() -> None:
    shop = shop_with(suppression_list=[{"trait": "do_not_contact", "equals": True}])
    assert sent_by(shop.sees(order())) == ["thanks"]
    shop.sees(identified({"do_not_contact": True}, minutes=1))
    assert refused_by(shop.sees(order(hours=1))) == [("thanks", "on_suppression_list")]


def test_who_is_not_eligible_is_told_so() -> None:
    shop = shop_with(on_order(eligible=[{"feature": "orders_total", "at_least": 2}]))
    assert refused_by(shop.sees(order())) == [("thanks", "not_eligible")]
    assert sent_by(shop.sees(order(hours=1))) == ["thanks"]


def test_a_cool_down_per_key_is_that_of_one_cart() -> None:
    shop = shop_with(abandoned_cart(cool_down_hours=100, cool_down_per="key"))
    shop.sees(add(cart_id="a"))
    assert sent_by(shop.mark(hours=1)) == ["abandoned_cart"]
    shop.sees(add(cart_id="b", hours=2))
    assert sent_by(shop.mark(hours=3)) == ["abandoned_cart"]
    shop.sees(add(cart_id="a", hours=4))
    assert refused_by(shop.mark(hours=5)) == [("abandoned_cart", "cool_down")]


def test_a_campaign_is_one_message_whatever_the_rule() -> None:
    rules = (on_order(name="mail", campaign="spring"), on_order(name="push", campaign="spring", channels=["push"]))
    shop = shop_with(*rules)
    outcomes = shop.sees(order())
    assert sent_by(outcomes) == ["mail"]
    assert refused_by(outcomes) == [("push", "campaign_sent")]


ONE_OF = {"window_minutes": 10, "defer_hours": 48}


def test_what_wants_to_be_sent_within_the_window_competes() -> None:
    rules = (
        on_order(name="low", priority=10),
        on_order(name="high", priority=90),
        {
            "name": "look",
            "kind": "event",
            "on": ["page_viewed"],
            "priority": 50,
            "loses": "defer",
            "cool_down_hours": 0,
        },
    )
    shop = shop_with(*rules, arbitration=ONE_OF)
    outcomes = shop.sees(order(), view(minutes=5))
    assert {each.reason for each in suppressions(outcomes)} == {"collecting"}
    assert {each.until for each in suppressions(outcomes)} == {rfc3339(at_ms(minutes=10))}
    woken = shop.mark(minutes=10)
    assert sent_by(woken) == ["high"]
    assert [(each.trigger, each.reason, each.deferred) for each in suppressions(woken)] == [
        ("look", "outranked", True),
        ("low", "outranked", False),
    ]
    assert sent_by(shop.mark(days=2)) == []
    assert sent_by(shop.mark(days=3)) == ["look"]


def test_what_is_worth_more_wins_over_priority() -> None:
    rules = (on_order(name="low", priority=10, value=20), on_order(name="high", priority=90))
    shop = shop_with(*rules, arbitration=ONE_OF)
    shop.sees(order())
    assert sent_by(shop.mark(minutes=10)) == ["low"]


def test_a_refused_crossing_stays_armed_and_is_told_once() -> None:
    many = {"name": "many", "kind": "threshold", "feature": "orders_total", "above": 2, "cool_down_hours": 0}
    shop = shop_with(many, suppression_list=[{"trait": "vip", "equals": True}])
    shop.sees(identified({"vip": True}), order(minutes=1))
    assert refused_by(shop.sees(order(minutes=2), view(minutes=3), view(minutes=4))) == [
        ("many", "on_suppression_list")
    ]
    shop.sees(identified({"vip": False}, minutes=5))
    assert sent_by(shop.outcomes) == ["many"]
    assert sent_by(shop.sees(view(minutes=6), order(minutes=7))) == []
