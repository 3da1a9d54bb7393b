import pytest

from streamproc.events.clickstream import PageViewed
from tests.builders import Shop, abandoned_cart, add, at_ms, erasure, on_order, order, plan, refund, view

POLICY = {"guest_days": 30, "visitor_days": 90}
EVERYBODY = {"name": "everybody", "where": [{"feature": "orders_total", "at_least": 0}]}
OFFERS = {"offer": [{"id": "gift", "content": "gift"}]}
RULES = plan(on_order(), abandoned_cart(), segments=[EVERYBODY], offers=OFFERS, policy=POLICY)


def visitor(**values: float) -> PageViewed:
    return view(customer_id=None, anonymous_id="v", **values)


def test_a_guest_order_is_counted_and_nothing_else() -> None:
    shop = Shop(RULES)
    [outcome] = shop.sees(order(customer_id=None, order_id="o7"))
    assert (outcome.decisions, outcome.examples) == ((), ())
    [fact] = outcome.facts
    assert (fact.fact, fact.values["guest"], fact.values["first_ever"], fact.values["order_number"]) == (
        "order", True, False, 0,
    )  # fmt: skip
    assert shop.customers["o/o7"].questions.records == ()


def test_a_refund_finds_its_guest_order() -> None:
    shop = Shop(RULES)
    shop.sees(order(customer_id=None, order_id="o7"), refund("o7", customer_id=None, days=3))
    assert shop.customers["o/o7"].refunds == 1


def test_a_guest_is_forgotten_after_30_days() -> None:
    shop = Shop(RULES)
    shop.sees(order(customer_id=None, order_id="o7"))
    shop.mark(days=29.99)
    assert shop.customers
    shop.mark(days=30)
    assert not shop.customers


def test_a_visitor_is_forgotten_90_days_after_the_last_visit() -> None:
    shop = Shop(RULES)
    shop.sees(visitor(), visitor(days=10))
    shop.mark(days=99.9)
    assert shop.customers
    shop.mark(days=100)
    assert not shop.customers


def test_a_late_visit_does_not_shorten_a_visitor_s_life() -> None:
    shop = Shop(RULES)
    shop.sees(visitor(days=10), visitor())
    shop.mark(days=99.9)
    assert shop.customers


@pytest.mark.parametrize("years", [1, 20])
def test_a_customer_is_not_forgotten(years: int) -> None:
    shop = Shop(RULES)
    shop.sees(visitor(), view(), add())
    shop.mark(days=365 * years)
    assert list(shop.customers) == ["c/ada"]


def test_of_who_asked_to_be_forgotten_it_is_only_known_that_nothing_of_before_counts() -> None:
    shop = Shop(RULES)
    shop.sees(order(), erasure(days=1))
    shop.mark(days=4_000)
    assert (shop.ada.orders, shop.ada.erased_ms, shop.ada.timers) == (0, at_ms(days=1), {})
