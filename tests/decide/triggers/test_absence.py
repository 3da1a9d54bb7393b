import pytest

from streamproc.events.decisions import Trigger
from streamproc.events.times import rfc3339
from tests.builders import (
    Shop,
    abandoned_cart,
    add,
    at_ms,
    checkout,
    consent,
    erasure,
    order,
    plan,
    refused_by,
    remove,
    sent_by,
    view,
)


def a_shop(**changes: object) -> Shop:
    return Shop(plan(abandoned_cart(**{"cool_down_hours": 0} | changes)))


def test_a_cart_that_lay_for_an_hour_is_abandoned() -> None:
    shop = a_shop()
    shop.sees(add())
    assert sent_by(shop.mark(minutes=59.99)) == []
    assert sent_by(shop.mark(minutes=60)) == ["abandoned_cart"]


def test_only_time_fires_it_and_no_event() -> None:
    shop = a_shop()
    assert sent_by(shop.sees(add(), view(minutes=90), add("rug", minutes=200))) == []


def test_it_is_dated_when_the_delay_ran_out_however_late_the_mark_comes() -> None:
    shop = a_shop(expires_hours=48)
    shop.sees(add())
    [trigger] = [d for outcome in shop.mark(days=3) for d in outcome.decisions]
    assert isinstance(trigger, Trigger)
    assert trigger.at == rfc3339(at_ms(minutes=60))
    assert trigger.expires_at == rfc3339(at_ms(hours=49))


def test_a_purchase_before_the_timer_cancels_the_abandoned_cart() -> None:
    shop = a_shop()
    shop.sees(add(), order("lamp", minutes=30))
    assert sent_by(shop.mark(days=1)) == []


def test_a_purchase_that_arrives_before_its_cart_cancels_it_too() -> None:
    shop = a_shop()
    shop.sees(order("lamp", minutes=30), add())
    assert sent_by(shop.mark(days=1)) == []


def test_a_purchase_of_something_else_only_restarts_the_delay() -> None:
    shop = a_shop(unless_ordered=False)
    shop.sees(add(), add("rug", minutes=10), order("rug", minutes=30))
    assert sent_by(shop.mark(minutes=89)) == []
    assert sent_by(shop.mark(minutes=90)) == ["abandoned_cart"]


@pytest.mark.parametrize("change", [add("rug", minutes=50), checkout(minutes=50), add("lamp", minutes=50)])
def test_a_change_of_the_cart_restarts_the_delay(change: object) -> None:
    shop = a_shop()
    shop.sees(add(), change)  # type: ignore[arg-type]  # an event
    assert sent_by(shop.mark(minutes=109.9)) == []
    assert sent_by(shop.mark(minutes=110)) == ["abandoned_cart"]


def test_a_late_change_does_not_move_the_delay_back() -> None:
    shop = a_shop()
    shop.sees(add(minutes=30), add("rug", minutes=5))
    assert sent_by(shop.mark(minutes=89)) == []


def test_looking_around_does_not_restart_the_delay() -> None:
    shop = a_shop()
    shop.sees(add(), view(minutes=59))
    assert sent_by(shop.mark(minutes=60)) == ["abandoned_cart"]


def test_an_emptied_cart_is_not_abandoned() -> None:
    shop = a_shop()
    shop.sees(add(), remove(minutes=10))
    assert sent_by(shop.mark(days=1)) == []


def test_one_cart_is_one_trigger() -> None:
    shop = a_shop()
    shop.sees(add(cart_id="a"))
    shop.mark(hours=1)
    shop.sees(add("rug", cart_id="a", hours=2))
    assert sent_by(shop.mark(days=3)) == []


def test_the_next_cart_is_another_trigger() -> None:
    shop = a_shop()
    shop.sees(add(cart_id="a"))
    shop.mark(hours=1)
    shop.sees(add(cart_id="b", hours=2))
    assert sent_by(shop.mark(days=3)) == ["abandoned_cart"]


def test_the_trigger_tells_which_cart_and_how_much_is_in_it() -> None:
    shop = a_shop(where=[{"feature": "views_24h", "at_least": 1}])
    shop.sees(view(), add(cart_id="a"), add("rug", cart_id="a"))
    [trigger] = [d for outcome in shop.mark(days=1) for d in outcome.decisions]
    assert isinstance(trigger, Trigger)
    assert (trigger.correlation, trigger.values) == ("a", {"cart_lines": 2.0, "views_24h": 1.0})


def test_the_conditions_are_those_of_the_moment_it_fires() -> None:
    shop = a_shop(where=[{"feature": "cart_lines", "at_least": 2}])
    shop.sees(add(), add("rug"), remove("rug", minutes=1))
    assert sent_by(shop.mark(days=1)) == []


def test_nobody_who_asked_to_be_forgotten_is_reminded() -> None:
    shop = a_shop()
    shop.sees(add(), erasure(minutes=5))
    assert sent_by(shop.mark(days=1)) == []


def test_a_refused_reminder_is_told_once_with_the_reason() -> None:
    shop = Shop(plan(abandoned_cart(), policy={"consent": {"marketing": "deny"}}))
    shop.sees(add())
    assert refused_by(shop.mark(days=3)) == [("abandoned_cart", "no_consent")]


def test_consent_counts_at_the_moment_of_sending() -> None:
    shop = Shop(plan(abandoned_cart(), policy={"consent": {"marketing": "deny"}}))
    shop.sees(add(), consent(minutes=59))
    assert sent_by(shop.mark(hours=1)) == ["abandoned_cart"]


UNPAID = {
    "name": "unpaid", "kind": "absence", "after": ["checkout_started"], "unless": ["order_placed"],
    "delay_minutes": 30, "cool_down_hours": 0,
}  # fmt: skip


def test_what_was_awaited_and_did_not_come_fires() -> None:
    shop = Shop(plan(UNPAID))
    shop.sees(checkout())
    assert sent_by(shop.mark(minutes=30)) == ["unpaid"]


@pytest.mark.parametrize("minutes", [0, 10, 29])
def test_what_was_awaited_and_came_does_not(minutes: float) -> None:
    shop = Shop(plan(UNPAID))
    shop.sees(checkout(), order(minutes=minutes))
    assert sent_by(shop.mark(days=1)) == []


@pytest.mark.parametrize("minutes", [0, 10, 29])
def test_what_was_awaited_may_arrive_before_what_it_was_awaited_after(minutes: float) -> None:
    shop = Shop(plan(UNPAID))
    shop.sees(order(minutes=minutes), checkout())
    assert sent_by(shop.mark(days=1)) == []


def test_what_came_before_the_start_ends_nothing() -> None:
    shop = Shop(plan(UNPAID))
    shop.sees(order(), checkout(minutes=5), order(minutes=4))
    assert sent_by(shop.mark(days=1)) == ["unpaid"]


def test_the_last_start_counts() -> None:
    shop = Shop(plan(UNPAID))
    shop.sees(checkout(), checkout(minutes=20), checkout(minutes=10))
    assert sent_by(shop.mark(minutes=49)) == []
    assert sent_by(shop.mark(minutes=50)) == ["unpaid"]


def test_it_can_fire_again_after_the_next_start() -> None:
    shop = Shop(plan(UNPAID))
    shop.sees(checkout())
    shop.mark(hours=1)
    shop.sees(checkout(hours=2))
    assert sent_by(shop.mark(hours=3)) == ["unpaid"]
