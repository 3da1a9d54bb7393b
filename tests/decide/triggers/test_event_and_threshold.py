from typing import Any

from streamproc.decide.plan import Plan
from streamproc.events.decisions import Score, Trigger
from streamproc.events.raw import Event
from tests.builders import (
    NO_MODELS,
    Shop,
    cancel,
    clicked,
    delivered,
    on_order,
    order,
    plan,
    refund,
    release,
    sent_by,
    view,
)

FIRST = on_order(name="first_order", where=[{"feature": "orders_total", "equals": 1}], once=True)
KEEN = {"name": "keen", "kind": "threshold", "feature": "views_24h", "above": 3, "cool_down_hours": 0}


def triggers(rules: Plan, *happened: Event) -> list[list[str]]:
    shop = Shop(rules)
    return [sent_by([outcome]) for outcome in shop.sees(*happened)]


def test_the_first_order_is_welcomed_once() -> None:
    assert triggers(plan(FIRST), view(), order(), order(days=1)) == [[], ["first_order"], []]


def test_a_sample_is_no_first_order() -> None:
    assert triggers(plan(FIRST), order(pounds=0), order(days=1)) == [[], ["first_order"]]


def test_what_may_go_out_once_does_not_go_out_again() -> None:
    shop = Shop(plan(on_order(once=True)))
    assert sent_by(shop.sees(order(), order(days=400))) == ["thanks"]


def test_events_that_are_not_named_fire_nothing() -> None:
    assert triggers(plan(on_order()), view(), refund(), cancel("o")) == [[], [], []]


def test_rules_fire_in_the_order_of_the_file() -> None:
    assert triggers(plan(on_order(name="b"), on_order(name="a")), order()) == [["b", "a"]]


def test_a_trigger_has_the_values_it_was_decided_by_and_where_it_came_from() -> None:
    shop = Shop(plan(FIRST))
    [outcome] = shop.sees(order())
    [trigger] = outcome.decisions
    assert isinstance(trigger, Trigger)
    assert trigger.values == {"orders_total": 1.0}
    assert (trigger.position, trigger.plan_version) == ("topic/0/0", shop.plan.version)


def test_crossing_the_line_fires_once() -> None:
    views = [view(minutes=minute) for minute in range(6)]
    assert triggers(plan(KEEN), *views) == [[], [], ["keen"], [], [], []]


def test_below_the_line_it_is_armed_again() -> None:
    happened = [*[view() for _ in range(3)], *[view(days=3) for _ in range(3)]]
    assert triggers(plan(KEEN), *happened) == [[], [], ["keen"], [], [], ["keen"]]


def test_between_the_two_lines_it_is_not_armed_again() -> None:
    rule = KEEN | {"above": 2, "reset_below": 1}  # an hour's window never falls below one view at a view
    happened = [view(), view(), view(days=3), view(days=3)]
    assert triggers(plan(rule), *happened) == [[], ["keen"], [], []]
    assert triggers(plan(KEEN | {"above": 2, "reset_below": 2}), *happened) == [[], ["keen"], [], ["keen"]]


def test_a_crossing_waits_for_its_conditions() -> None:
    rule = KEEN | {"where": [{"feature": "orders_total", "at_least": 1}]}
    assert triggers(plan(rule), view(), view(), view(), order()) == [[], [], [], ["keen"]]


def test_time_alone_can_cross_a_line() -> None:
    rule = {"name": "quiet", "kind": "threshold", "feature": "days_since_last_order", "above": 20}
    shop = Shop(plan(rule))
    shop.sees(order())
    assert sent_by(shop.mark(days=20)) == []
    assert sent_by(shop.mark(days=21)) == ["quiet"]
    assert sent_by(shop.mark(days=60)) == []


RISK = {"name": "churn_risk", "kind": "threshold", "score": "churn", "above": 0.5, "cool_down_hours": 0}


def test_a_score_crosses_when_it_is_computed() -> None:
    rules = plan(RISK)
    shop = Shop(rules, NO_MODELS.with_release(release(rules.models["churn"])))
    [outcome] = shop.sees(order())
    score, trigger = outcome.decisions
    assert isinstance(score, Score)
    assert isinstance(trigger, Trigger)
    assert trigger.values == {"churn": score.probability}
    assert (trigger.model_version, score.model_version) == ("churn-1", "churn-1")
    assert sent_by(shop.sees(view(minutes=1), order(days=1))) == []


def test_a_score_below_the_line_arms_it_again() -> None:
    rules = plan(RISK)
    shop = Shop(rules, NO_MODELS.with_release(release(rules.models["churn"])))
    shop.sees(order())
    shop.bank = NO_MODELS.with_release(release(rules.models["churn"], label=0, version="churn-2"))
    assert sent_by(shop.sees(order(days=1))) == []
    shop.bank = NO_MODELS.with_release(release(rules.models["churn"], version="churn-3"))
    assert sent_by(shop.sees(order(days=2))) == ["churn_risk"]


def test_without_a_score_there_is_no_risk() -> None:
    assert triggers(plan(RISK), order()) == [[]]


def on_click(**changes: Any) -> dict[str, Any]:
    return {"name": "seen", "kind": "event", "on": ["clicked"], "cool_down_hours": 0} | changes


def test_what_a_machine_clicks_is_no_occasion() -> None:
    shop = Shop(plan(on_click(), offers={"policy": {"on": ["clicked"]}, "offer": [{"id": "gift", "content": "g"}]}))
    outcomes = shop.sees(delivered(), clicked(seconds=1), clicked("m2", is_machine=True))
    assert not any(outcome.decisions for outcome in outcomes)
    (later,) = shop.sees(clicked(hours=1))
    assert [decision.type for decision in later.decisions] == ["trigger_emitted", "offer_chosen"]


def test_what_a_machine_clicks_ends_no_waiting() -> None:
    reminder = {"name": "unread", "kind": "absence", "after": ["delivered"], "unless": ["clicked"], "delay_minutes": 60}
    shop = Shop(plan(reminder))
    shop.sees(delivered(), clicked(seconds=1))
    assert sent_by(shop.mark(hours=2)) == ["unread"]
