"""What offers do is found where it is there, within its interval, and not found where it is not."""

from random import Random
from typing import Any

import pytest

from streamproc.events.times import DAY_MS, rfc3339
from streamproc.offline.backtest.orders import Behaviour, Click, Order
from streamproc.offline.backtest.report.words import is_sure, trigger_uplift, uplift
from streamproc.offline.backtest.uplift import UpliftResult, judge_trigger_uplift, judge_uplift

START_MS = 1_700_000_000_000


def shop(effect: float, seed: int, customers: int = 600, *, control: float = 0.4) -> tuple[list[Any], Behaviour]:
    """Customers with rates of their own, offered to on one day; the learned arm orders `effect` times as often."""
    dice, found, decisions = Random(seed), Behaviour(only_orders=False), []
    for number in range(customers):
        name, rate, is_control = f"c{number}", dice.uniform(0, 4), dice.random() < control
        policy = "control: epsilon_greedy" if is_control else "thompson"
        decisions.append({"customer_id": name, "at": rfc3339(START_MS), "policy": policy, "offer_id": "gift"})
        for day in range(-14, 14):
            much = rate / 14 * (effect if day >= 0 and not is_control else 1)
            if dice.random() < much:
                at_ms = START_MS + day * DAY_MS + 5
                found.by_customer[name].append(Order(at_ms, name, f"{name}{day}", ("mug",), frozenset(), 10_000_000))
    found.clicks["c1"].append(Click(START_MS + 9, "gift"))
    found.through_ms = START_MS + 20 * DAY_MS
    return decisions, found


def judged(effect: float, seed: int, **changes: Any) -> UpliftResult:
    return judge_uplift(*shop(effect, seed, **changes), 14)


def of(result: UpliftResult, outcome: str) -> Any:
    [found] = [each for each in result.effects if each.outcome == outcome]
    return found


@pytest.mark.slow
def test_an_effect_that_is_there_is_found_and_what_was_before_makes_it_surer() -> None:
    for seed in range(3):
        found = of(judged(1.5, seed), "orders")
        assert is_sure(found.adjusted)
        assert 0.6 < found.adjusted.value < 1.4
        assert found.adjusted.high - found.adjusted.low < found.difference.high - found.difference.low


@pytest.mark.slow
def test_where_there_is_none_hardly_any_is_found() -> None:
    assert sum(is_sure(of(judged(1.0, seed), "orders").adjusted) for seed in range(12)) <= 2


def test_no_effect_is_said_in_plain_words() -> None:
    [quiet] = [result for result in [judged(1.0, 2)] if not any(is_sure(each.adjusted) for each in result.effects)]
    assert "No effect found" in uplift(quiet)
    assert "revenue: +" in uplift(judged(1.6, 1))


def test_revenue_is_in_the_shops_money() -> None:
    result = judged(1.0, 1)
    assert of(result, "revenue").control == of(result, "orders").control * 10


def told(name: str, *, held_out: bool) -> dict[str, Any]:
    own = {"trigger": "cart", "customer_id": name, "at": rfc3339(START_MS), "since": rfc3339(START_MS)}
    if held_out:
        return own | {"type": "trigger_suppressed", "rule": "holdout", "reason": "held_out"}
    return own | {"type": "trigger_emitted", "cap_class": "marketing"}


def of_triggers(effect: float, seed: int) -> Any:
    decisions, found = shop(effect, seed)
    said = [told(each["customer_id"], held_out=each["policy"].startswith("control")) for each in decisions]
    sent = [each for each in said if each["type"] == "trigger_emitted"]
    return judge_trigger_uplift(sent, [each for each in said if each not in sent], found, 14)


@pytest.mark.slow
def test_what_a_trigger_brings_is_found_beside_the_holdout() -> None:
    assert "cart: " in trigger_uplift(of_triggers(1.6, 1))
    assert "orders: +" in trigger_uplift(of_triggers(1.6, 1))
    assert "effects compared, one in 20 looks sure where there is none" in trigger_uplift(of_triggers(1.6, 1))
    assert sum(is_sure(of(of_triggers(1.0, seed)["cart"], "orders").adjusted) for seed in range(12)) <= 2


def test_whom_a_later_rule_kept_from_a_trigger_is_of_the_treated_arm() -> None:
    decisions, found = shop(1.0, 1)
    said = [told(each["customer_id"], held_out=each["policy"].startswith("control")) for each in decisions]
    capped = [each | {"type": "trigger_suppressed", "rule": "caps"} for each in said if "rule" not in each]
    refused = [{**told("x", held_out=True), "rule": "consent"}]
    held = [each for each in said if "rule" in each]
    assert judge_trigger_uplift([], [*capped, *held, *refused], found, 14) == judge_trigger_uplift(
        [each for each in said if "rule" not in each], held, found, 14
    )


def test_without_a_holdout_nothing_is_known_of_triggers() -> None:
    assert "Nobody was held out" in trigger_uplift(judge_trigger_uplift([], [], Behaviour(), 14))


def test_arms_that_cannot_be_compared_say_why() -> None:
    assert "there is no control" in uplift(judged(1.0, 1, control=0.0))
    assert "fewer than 30 customers" in uplift(judged(1.0, 1, customers=40))
    decisions, plain = shop(1.0, 1)
    plain.only_orders = True
    assert "nobody saw an offer" in uplift(judge_uplift(decisions, plain, 14))
    assert judge_uplift([], Behaviour(), 14).refused
