"""Late truth takes a trigger back; and what is told of a trigger comes back to it."""

from collections import Counter
from itertools import permutations
from typing import Any

import pytest

from streamproc.events.decisions import Retraction, Trigger
from streamproc.events.raw import Event
from tests.builders import (
    Shop,
    abandoned_cart,
    add,
    checkout,
    clicked,
    delivered,
    facts_of,
    on_order,
    order,
    plan,
    sent,
    sent_by,
    view,
)

UNPAID = {
    "name": "unpaid", "kind": "absence", "after": ["checkout_started"], "unless": ["order_placed"],
    "delay_minutes": 30, "cool_down_hours": 24,
}  # fmt: skip


def retracted(outcomes: Any) -> list[Retraction]:
    return [d for outcome in outcomes for d in outcome.decisions if isinstance(d, Retraction)]


def messages_of(trigger: Trigger) -> list[Event]:
    """What a sender tells; only of the sending it says for which trigger that was."""
    return [sent("m1", trigger_id=trigger.trigger_id, minutes=1), delivered("m1", minutes=2), clicked("m1", hours=3)]


def first_of(outcomes: Any) -> Trigger:
    return next(d for outcome in outcomes for d in outcome.decisions if isinstance(d, Trigger))


@pytest.mark.parametrize("rule", [abandoned_cart(expires_hours=48), UNPAID])
def test_an_order_that_is_told_late_takes_the_reminder_back(rule: dict[str, Any]) -> None:
    shop = Shop(plan(rule))
    shop.sees(add(), checkout(minutes=1))
    reminder = first_of(shop.mark(hours=2))
    [said] = retracted(shop.sees(order("lamp", minutes=20)))
    assert (said.trigger_id, said.trigger, said.because) == (reminder.trigger_id, reminder.trigger, "order_placed")
    assert retracted(shop.sees(order("rug", minutes=21))) == []


@pytest.mark.parametrize("rule", [abandoned_cart(), UNPAID])
def test_an_order_after_it_does_not(rule: dict[str, Any]) -> None:
    shop = Shop(plan(rule))
    shop.sees(add(), checkout(minutes=1))
    shop.mark(hours=2)
    assert retracted(shop.sees(order("lamp", hours=2), view(minutes=20))) == []


def test_what_has_expired_is_not_taken_back() -> None:
    shop = Shop(plan(abandoned_cart(expires_hours=1)))
    shop.sees(add())
    shop.mark(hours=3)
    assert retracted(shop.sees(order("lamp", minutes=20))) == []


def test_a_late_change_of_the_cart_takes_it_back_and_the_next_reminder_comes() -> None:
    shop = Shop(plan(abandoned_cart()))
    shop.sees(add(cart_id="a"))
    shop.mark(hours=1.5)
    assert len(retracted(shop.sees(add("rug", cart_id="a", minutes=45)))) == 1
    assert sent_by(shop.mark(hours=3)) == ["abandoned_cart"]


def test_what_was_taken_back_starts_no_cool_down_and_counts_for_no_cap() -> None:
    cap = {"name": "one", "limit": 1, "hours": 100}
    shop = Shop(plan(abandoned_cart(cool_down_hours=100), policy={"cap": [cap]}))
    shop.sees(add(cart_id="a"))
    shop.mark(hours=1)
    shop.sees(order("lamp", minutes=20), add(cart_id="b", hours=2))
    assert sent_by(shop.mark(hours=3)) == ["abandoned_cart"]


def test_what_is_told_of_a_message_comes_back_to_its_trigger() -> None:
    shop = Shop(plan(on_order()))
    trigger = first_of(shop.sees(order()))
    facts = facts_of(shop.sees(*messages_of(trigger), order(days=2, pounds=7), order(days=20)))
    of_triggers = [each for each in facts if each.fact.startswith("trigger_")]
    came = [(each.fact, each.values.get("action", each.values.get("net_amount"))) for each in of_triggers]
    assert came == [
        ("trigger_response", "sent"),
        ("trigger_response", "delivered"),
        ("trigger_response", "clicked"),
        ("trigger_order", 7_000_000),
    ]
    assert {each.values["trigger"] for each in of_triggers} == {"thanks"}


def test_in_any_order_the_same_is_known_of_a_sending() -> None:
    def known(*numbers: int) -> Any:
        shop = Shop(plan(on_order()))
        trigger = first_of(shop.sees(order()))
        told = messages_of(trigger)
        shop.sees(*(told[number] for number in numbers))
        return [each[1:] for each in shop.ada.sendings.records]

    assert known(0, 1, 2) == known(1, 2, 0) == known(2, 0, 1) == known(2, 1, 0)


def test_in_any_order_the_same_is_told_of_what_came_of_a_trigger() -> None:
    """Only the sending says which trigger it was: what was told of the message before it counts, too."""

    def told(numbers: tuple[int, ...]) -> Counter[tuple[object, ...]]:
        shop = Shop(plan(on_order()))
        messages = messages_of(first_of(shop.sees(order())))
        count: Counter[tuple[object, ...]] = Counter()
        for each in facts_of(shop.sees(*(messages[number] for number in numbers))):
            if each.fact == "trigger_response":
                values = each.values
                what = (each.at_ms, values["action"], values["unique"], values["human"])
                count[what] += -1 if each.taken_back else 1
        return +count

    whole = told((0, 1, 2))
    assert sum(whole.values()) == 3
    assert [told(numbers) == whole for numbers in permutations(range(3))] == [True] * 6


def test_an_order_that_is_edited_is_taken_back_where_it_was_told() -> None:
    shop = Shop(plan(abandoned_cart(cool_down_hours=0, expires_hours=100)))
    shop.sees(add(cart_id="a"))
    shop.mark(hours=2)
    facts = facts_of(shop.sees(order("rug", order_id="o", hours=3), order("lamp", minutes=20)))
    facts += facts_of(shop.sees(order("rug", order_id="o", pounds=7, hours=3, minutes=1)))
    told = [(each.values["net_amount"], each.taken_back) for each in facts if each.fact == "trigger_order"]
    assert told == [(10_000_000, False), (10_000_000, True), (7_000_000, False)]
