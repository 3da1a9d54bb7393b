import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from streamproc.decide.triggers import KINDS
from streamproc.events.raw import EVENT_TYPES
from tests.builders import CHURN, abandoned_cart, on_order, plan

BASE: dict[str, Any] = {
    "offers": {"offer": [{"id": "gift", "content": "A gift"}]},
    "segments": [{"name": "buyers", "where": [{"feature": "orders_28d", "at_least": 1}]}],
}

VIEWS = {"name": "views", "description": "Pages.", "event": "page_viewed", "window": "14d"}


def test_the_same_configuration_has_the_same_version() -> None:
    assert plan(abandoned_cart(), on_order(), **BASE).version == plan(abandoned_cart(), on_order(), **BASE).version


def test_a_default_that_is_written_out_is_the_same_configuration() -> None:
    written = plan(abandoned_cart(priority=50, channels=["email"], once=False), policy={"guest_days": 30})
    assert written.version == plan(abandoned_cart()).version


CHANGES: dict[str, dict[str, Any]] = {
    "an offer": {"offers": {"offer": [{"id": "gift", "content": "Another gift"}]}},
    "the offers' policy": {"offers": BASE["offers"] | {"policy": {"epsilon": 0.2}}},
    "a segment": {"segments": [{"name": "buyers", "where": [{"feature": "orders_28d", "at_least": 2}]}]},
    "the policy": {"policy": {"visitor_days": 91}},
    "consent": {"policy": {"consent": {"marketing": "deny"}}},
    "the model": {"churn": {"horizon_days": 29}},
    "the model's features": {"churn": {"features": CHURN["features"][:2]}},
    "a declared feature": {"features": [VIEWS]},
    "its definition": {"features": [VIEWS | {"window": "15d"}]},
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_makes_another_version(change: str) -> None:
    assert plan(abandoned_cart(), **BASE | CHANGES[change]).version != plan(abandoned_cart(), **BASE).version


@pytest.mark.parametrize("change", [
    {"delay_minutes": 61}, {"priority": 51}, {"cool_down_hours": 25}, {"content": "other"}, {"channels": ["sms"]},
    {"where": [{"feature": "orders_total", "at_least": 1}]}, {"once": True}, {"name": "lost_cart"},
])  # fmt: skip
def test_a_changed_trigger_makes_another_version(change: dict[str, Any]) -> None:
    assert plan(abandoned_cart(**change)).version != plan(abandoned_cart()).version


def test_a_model_knows_a_declared_feature_by_its_definition() -> None:
    with_views = {"features": ["log_orders", "views"]}
    plans = [plan(churn=with_views, features=[VIEWS | {"window": window}]) for window in ("14d", "15d")]
    one, other = (each.asked["churn"] for each in plans)
    assert [name.partition("@")[0] for name in one.features] == with_views["features"]
    assert one.feature_set != other.feature_set


def test_a_plan_can_be_sent_to_another_process() -> None:
    rules = plan(features=[VIEWS])
    assert "views" in rules.functions
    assert pickle.loads(pickle.dumps(rules)).declared == rules.declared


def test_a_plan_that_was_asked_for_its_functions_goes_to_other_processes_all_the_same() -> None:
    rules = plan(on_order(), **BASE)
    assert rules.functions
    assert rules.groups
    assert pickle.loads(pickle.dumps(rules)).version == rules.version


def test_a_guest_is_decided_for_by_nothing_under_the_same_version() -> None:
    rules = plan(on_order(), **BASE)
    assert rules.for_guests.version == rules.version
    assert rules.for_guests.rules_for("order_placed", None) == ()


def test_a_rule_is_considered_for_its_events_and_for_its_timer_only() -> None:
    rules = plan(on_order(), abandoned_cart())
    assert [rule.name for rule in rules.rules_for("order_placed", None)] == ["thanks", "abandoned_cart"]
    assert [rule.name for rule in rules.rules_for("timer_due", "trigger:abandoned_cart")] == ["abandoned_cart"]
    assert rules.rules_for("timer_due", "ask:churn") == ()
    assert rules.rules_for("page_viewed", None) == ()


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no such kind": ({"name": "a", "kind": "evnt"}, "There are: " + ", ".join(sorted(KINDS))),
    "no kind": ({"name": "a"}, "no trigger kind None"),
    "no such event": (on_order(on=["order_place"]), "no event 'order_place'"),
    "no event": (on_order(on=[]), "at least 1 item"),
    "no such key": (on_order(cooldown_hours=1), "cooldown_hours"),
    "no such channel": (on_order(channels=["fax"]), "channels"),
    "a name that is no topic": (on_order(name="First Order"), "name"),
    "a cart and events": (abandoned_cart(after=["order_placed"]), "leave out after and unless"),
    "no start": (abandoned_cart(correlate="customer"), "name the events that start the delay"),
    "no delay": (abandoned_cart(delay_minutes=0), "delay_minutes"),
    "no line": ({"name": "a", "kind": "threshold", "above": 1}, "name either score or feature"),
    "two values": (
        {"name": "a", "kind": "threshold", "above": 1, "score": "churn", "feature": "views_7d"},
        "name either score or feature",
    ),
    "reset above the line": (
        {"name": "a", "kind": "threshold", "above": 1, "reset_below": 2, "score": "churn"},
        "reset_below must not be above",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_trigger_is_told(mistake: str) -> None:
    block, message = MISTAKES[mistake]
    with pytest.raises(ValidationError, match=message):
        plan(block)


@pytest.mark.parametrize("days", [0, -1, 10_000])
def test_nobody_is_forgotten_at_once_or_never(days: int) -> None:
    with pytest.raises(ValidationError):
        plan(policy={"guest_days": days})
    with pytest.raises(ValidationError):
        plan(policy={"visitor_days": days})


def test_a_threshold_looks_at_every_event() -> None:
    rules = plan({"name": "keen", "kind": "threshold", "feature": "views_24h", "above": 2})
    assert all(rules.rules_for(name, None) for name in EVENT_TYPES)
