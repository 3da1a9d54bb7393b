"""Triggers and offers say when and where the customer answers most, if enough is known of it."""

from typing import Any

import pytest

from streamproc.decide.plan import Plan
from streamproc.events.decisions import Offer, Trigger
from streamproc.events.raw import Event
from tests.builders import Shop, clicked, identified, on_order, order, plan

RULES: dict[str, Any] = {"offers": {"offer": [{"id": "gift", "content": "gift", "cool_down_days": 0}]}}
"""What is bought is answered by a message and an offer."""


def evening(count: int) -> list[Event]:
    """Clicks on text messages, one a day at 18:30 UTC."""
    return [clicked(f"m{day}", days=day, hours=6, minutes=30, channel="sms") for day in range(count)]


def suggested(rules: Plan, *happened: Event) -> set[tuple[int | None, str | None, str | None]]:
    """By all triggers and offers: hour, channel, time zone."""
    found = [each for outcome in Shop(rules).sees(*happened) for each in outcome.decisions]
    decisions = [each for each in found if isinstance(each, Trigger | Offer)]
    assert {type(each) for each in decisions} == {Trigger, Offer}
    return {(each.best_hour, each.best_channel, each.time_zone) for each in decisions}


def test_they_suggest_the_customer_s_own_hour_and_channel() -> None:
    tokyo = identified({"time_zone": "Asia/Tokyo"}, days=8)
    assert suggested(plan(on_order(), **RULES), *evening(8), tokyo, order(days=9)) == {(3, "sms", "Asia/Tokyo")}


def test_without_a_zone_the_hour_is_the_shop_s() -> None:
    assert suggested(plan(on_order(), **RULES), *evening(8), order(days=9)) == {(18, "sms", "UTC")}


@pytest.mark.parametrize(("least", "suggestion"), [(3, (18, "sms", "UTC")), (4, (None, None, None))])
def test_how_much_must_be_known_is_a_setting(least: int, suggestion: tuple[Any, ...]) -> None:
    rules = plan(on_order(), policy={"contact": {"least_responses": least}}, **RULES)
    assert suggested(rules, *evening(3), order(days=4)) == {suggestion}


def test_a_segment_of_the_evening_is_left_when_too_little_is_known_by_time_alone() -> None:
    shop = Shop(plan(segments=[{"name": "evening", "where": [{"feature": "best_hour", "at_least": 18}]}]))
    shop.sees(*evening(8))
    assert "evening" in shop.ada.segments
    shop.mark(days=7 * 20)
    assert "evening" not in shop.ada.segments
