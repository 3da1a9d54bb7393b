"""Why a trigger goes out to a customer, or does not: what each rule says, as it would say it."""

from typing import Any

import pytest
from hypothesis import given

from streamproc.decide.conditions import Condition
from streamproc.decide.conditions_in_words import in_words
from streamproc.decide.finding import Finding
from streamproc.decide.messages.explaining import explained, would_be_sent
from streamproc.decide.messages.permit import permit
from streamproc.decide.messages.standing import moment_of, wish
from streamproc.decide.rules import ORDER, Refusal
from tests.builders import (
    Shop,
    abandoned_cart,
    add,
    at_ms,
    consent,
    delivered,
    on_order,
    order,
    plan,
    sent,
    view,
    viewed,
)
from tests.decide.test_conditions import conditions
from tests.decide.triggers.test_trigger_kinds import HELLO, LOYAL, UNOPENED
from tests.trying import tried

KEEN = {"name": "keen", "kind": "threshold", "feature": "views_24h", "above": 3}
RULES = (on_order(where=[{"feature": "orders_total", "at_least": 2}]), abandoned_cart(), KEEN, HELLO, UNOPENED)


def findings(shop: Shop, trigger: str, **when: float) -> tuple[Finding, ...]:
    return explained(shop.ada, shop.plan.trigger_by_name[trigger], shop.plan, at_ms(**when))


def of(found: tuple[Finding, ...], about: str) -> dict[str, tuple[str, bool | None]]:
    return {each.what: (each.answer, each.holds) for each in found if each.about == about}


def test_each_rule_of_the_policy_says_what_it_leaves_until_one_refuses() -> None:
    shop = Shop(plan(*RULES, segments=[LOYAL], policy={"consent": {"marketing": "deny"}}))
    shop.sees(order(), order(days=1))
    found = findings(shop, "thanks", days=1)
    assert of(found, "policy") == {
        "stale": ("leaves email", True),
        "consent": ("no_consent", False),
    }
    shop.sees(consent(days=2))
    found = findings(shop, "thanks", days=2)
    assert list(of(found, "policy")) == list(ORDER)
    assert would_be_sent(found)


def test_conditions_are_told_with_the_values_that_they_see() -> None:
    shop = Shop(plan(*RULES, segments=[LOYAL]))
    shop.sees(order())
    found = findings(shop, "thanks")
    assert of(found, "condition") == {"where: orders_total at_least 2": ("orders_total is 1.0", False)}
    assert not would_be_sent(found)


def test_of_each_kind_the_occasion_is_told() -> None:
    shop = Shop(plan(*RULES, segments=[LOYAL]))
    shop.sees(order(), order(days=1), view(days=1), add(cart_id="c", days=1, minutes=1), delivered("m", days=1))
    assert of(findings(shop, "keen", days=1), "occasion")["views_24h reaches 3"] == ("1", False)
    assert of(findings(shop, "hello", days=1), "occasion")["entered loyal"][0].startswith("a member since 2024-05-02")
    cart = of(findings(shop, "abandoned_cart", days=1), "occasion")
    assert cart["the cart"][0] == "c, changed last at 2024-05-02T12:01:00Z"
    assert cart["its delay"][0] == "runs out at 2024-05-02T13:01:00Z"
    assert "message m" in of(findings(shop, "unopened", days=1), "occasion")


def test_what_was_sent_and_what_came_of_it_and_what_waits_stands_at_the_end() -> None:
    shop = Shop(plan(on_order(), policy={"quiet_hours": {"begin": "20:00", "end": "08:00"}}))
    [outcome] = shop.sees(order())
    [trigger] = outcome.decisions
    shop.sees(sent("m", trigger_id=getattr(trigger, "trigger_id", ""), minutes=1), order(hours=10))
    told = of(findings(shop, "thanks", hours=10), "history")
    assert told["sent at 2024-05-01T12:00:00Z"] == ("by email; sent", None)
    assert told["occasion of 2024-05-01T22:00:00Z"][0] == "put off (quiet_hours) until 2024-05-02T08:00:00Z"
    refused = of(findings(shop, "thanks", hours=10), "policy")["quiet_hours"]
    assert refused == ("quiet_hours, until 2024-05-02T08:00:00Z; it would wait", False)


@pytest.mark.parametrize("granted", [True, False])
def test_it_says_what_the_policy_says(*, granted: bool) -> None:
    shop = Shop(plan(*RULES, segments=[LOYAL]))
    shop.sees(order(), order(days=1), consent(granted=granted, days=1))
    for rule in shop.plan.triggers.trigger:
        found = [each for each in findings(shop, rule.name, days=2) if each.about == "policy"]
        answer = permit(wish(shop.plan, moment_of(shop.ada, shop.plan, at_ms(days=2)), rule))
        assert isinstance(answer, Refusal) == (found[-1].holds is False)


@tried(100)
@given(conditions)
def test_every_condition_has_words(condition: dict[str, Any]) -> None:
    assert in_words(Condition.model_validate(condition))


def test_which_products_a_customer_watches_is_told() -> None:
    shop = Shop(plan({"name": "cheaper", "kind": "price_drop", "percent": 10}))
    shop.sees(viewed("rug"), viewed("lamp", hours=1), order("rug", hours=2))
    found = of(findings(shop, "cheaper", hours=3), "occasion")
    assert found["watches lamp"] == ("seen at 2024-05-01T13:00:00Z", None)
    assert "watches rug" not in found
