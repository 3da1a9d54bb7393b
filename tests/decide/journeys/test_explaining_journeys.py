"""Where a customer is on a journey, what comes next, and why its messages go out, or do not."""

from typing import Any

import pytest

from streamproc.decide.finding import Finding
from streamproc.decide.journeys.explaining import journey_explained, next_in_words
from streamproc.decide.plan import Plan
from tests.builders import Shop, at_ms, identified, opened, order, plan, sent
from tests.decide.journeys.walking import IN_CART, NIGHT, OPENED, PUSH, WAIT, again, journey_shop, reminded

MAIL = {"name": "mail", "kind": "message", "channels": ["email"]}
NO_PUSH: dict[str, Any] = {"cap": [{"name": "no_push", "limit": 0, "hours": 1, "channel": "push"}]}


def findings(shop: Shop, step: str | None = None, rules: Plan | None = None, **when: float) -> tuple[Finding, ...]:
    rules = rules or shop.plan
    return journey_explained(shop.ada, rules.journeys.by_name["again"], rules, at_ms(**when), step=step)


def of(found: tuple[Finding, ...], about: str) -> dict[str, str]:
    return {each.what: each.answer for each in found if each.about == about}


def test_each_step_is_told_with_where_the_customer_is_and_what_follows_as_things_are_now() -> None:
    shop = journey_shop()
    trigger = reminded(shop)
    found = findings(shop, hours=2)
    assert of(found, "journey") == {
        "on it about cart-1": "since 2024-05-01T13:00:00Z, until 2024-05-31T13:00:00Z at the latest",
        "1. step_1: wait 1 day": "here, until 2024-05-02T13:00:00Z",
        "2. opened: if message_opened equals 1: end, else the next": "to come",
        "3. push: message by push: again": "to come",
        "its last message": "sent at 2024-05-01T13:00:00Z by email; nothing told of it yet",
    }
    assert of(found, "next") == {
        "at 2024-05-02T13:00:00Z": "step_1 is over",
        "opened": "message_opened equals 1: message_opened is 0.0; not held",
        "push": "message by push: again",
        "exit: order_placed": "ends it at once",
    }
    assert of(found, "policy")["consent"] == "leaves push"
    assert next_in_words(found) == (
        "The customer is at 1. step_1: wait 1 day: here, until 2024-05-02T13:00:00Z. "
        "Then comes push: message by push: again."
    )
    shop.sees(sent("m1", trigger_id=trigger.trigger_id, hours=1), opened("m1", hours=3))
    found = findings(shop, hours=4)
    assert of(found, "next")["the end"] == "finished"
    assert of(found, "policy") == {}


def test_a_refused_message_is_told_with_the_rule_that_refused_it() -> None:
    shop = journey_shop(again(WAIT, PUSH, WAIT, MAIL), **NO_PUSH)
    reminded(shop)
    shop.mark(days=1, hours=2)
    found = findings(shop, days=1, hours=2)
    assert of(found, "journey")["its last message"].startswith(
        "the policy refused the one that was to follow: capped (no_push)"
    )
    assert of(found, "history")["refused last"] == "capped (no_push)"
    assert of(found, "journey")["2. push: message by push: again"] == "behind, not sent"
    asked = findings(shop, "push", days=1, hours=2)
    assert of(asked, "policy")["caps"].startswith("capped (no_push)")
    assert "The message would not be sent now: caps: capped" in next_in_words(asked)
    assert "capped" not in next_in_words(found)


def test_a_message_that_waits_for_the_morning_is_told_with_its_time() -> None:
    shop = journey_shop(again(WAIT, {**PUSH, "defer": True}), quiet_hours={**NIGHT, "channels": ["push"]})
    shop.sees(identified({"time_zone": "Asia/Tokyo"}))
    reminded(shop)
    shop.mark(days=1, hours=2)
    told = of(findings(shop, days=1, hours=2), "journey")["2. push: message by push: again"]
    assert told == "here, put off (quiet_hours) until 2024-05-02T23:00:00Z"


def test_who_is_not_on_it_is_told_how_it_begins_and_what_was_sent() -> None:
    shop = journey_shop()
    shop.sees(order())
    found = findings(shop, days=1)
    assert next_in_words(found) == "on it: no; it begins when abandoned_cart is sent."
    done = journey_shop()
    reminded(done)
    done.mark(days=2)
    found = findings(done, days=2)
    assert of(found, "journey")["abandoned_cart at 2024-05-01T13:00:00Z"] == "by email; nothing told of it yet"
    assert list(of(found, "history")) == ["sent at 2024-05-02T13:00:00Z"]


@pytest.mark.parametrize(("exits_if", "ends"), [("at_most", True), ("above", False)])
def test_a_condition_that_ends_it_is_told_with_its_value(exits_if: str, *, ends: bool) -> None:
    shop = journey_shop(again(WAIT, PUSH, exits_if=[{"feature": "orders_total", exits_if: 0}]))
    reminded(shop)
    found = findings(shop, hours=2)
    assert of(found, "next")[f"exit: orders_total {exits_if} 0"] == "orders_total is 0.0"
    assert next_in_words(found).startswith("It ends with the next event or timer: exit: orders_total") == ends


def test_who_began_with_other_steps_is_told_by_those() -> None:
    shop = journey_shop()
    reminded(shop)
    changed = plan(IN_CART, journeys=[again(WAIT, MAIL)])
    told = of(findings(shop, rules=changed, hours=2), "journey")
    assert told["its steps"] == "those that it began with; the file has others now"
    assert "3. push: message by push: again" in told


def test_all_kinds_of_steps_have_words() -> None:
    steps = again({"kind": "wait", "hours": 2, "until": "09:00"}, OPENED, {"kind": "end", "outcome": "won_back"})
    shop = journey_shop(steps)
    reminded(shop)
    assert [what for what in of(findings(shop, hours=2), "journey") if what[1:3] == ". "] == [
        "1. step_1: wait 2 hours until 09:00",
        "2. opened: if message_opened equals 1: end, else the next",
        "3. step_3: the end (won_back)",
    ]
