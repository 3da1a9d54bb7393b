"""Whatever arrives in which order: the same carts, the same reminders, the same figures."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.outcome import Outcome
from streamproc.events.clickstream import CartLine, CartUpdated
from streamproc.events.raw import Event
from tests.builders import (
    NOON,
    Shop,
    abandoned_cart,
    add,
    checkout,
    envelope,
    facts_of,
    line,
    order,
    plan,
    remove,
    sent_by,
)
from tests.strategies import cart_events, orders
from tests.trying import tried

BY_PRODUCT = abandoned_cart(name="by_product", unless_ordered=False)
RULES = plan(abandoned_cart(), BY_PRODUCT)


def updated(*skus: str, **values: Any) -> CartUpdated:
    return CartUpdated(lines=tuple(CartLine(sku=sku) for sku in skus), **envelope(values))


def reminded(*happened: Event) -> list[str]:
    shop = Shop(RULES)
    shop.sees(*happened)
    return sent_by(shop.mark(days=3))


def carts_told(outcomes: Iterable[Outcome]) -> Counter[int]:
    """When carts began, as the facts add up."""
    told: Counter[int] = Counter()
    for fact in facts_of(list(outcomes)):
        if fact.fact == "cart_created":
            told[fact.at_ms] += -1 if fact.taken_back else 1
    return +told


def within_days(event: Any) -> Any:
    """As long as what was done with a cart is remembered."""
    return event.model_copy(update={"occurred_at": NOON + (event.occurred_at - NOON) % timedelta(days=13)})


anything = st.one_of(*cart_events, orders).map(within_days)


@tried(60)
@given(st.lists(anything, max_size=8, unique_by=lambda each: each.event_id), st.data())
def test_any_order_of_arrival_gives_the_same_carts_reminders_and_figures(
    happened: list[Event], data: st.DataObject
) -> None:
    one, other = Shop(RULES), Shop(RULES)
    told, again = one.sees(*happened), other.sees(*data.draw(st.permutations([*happened, *happened])))
    assert carts_told(told) == carts_told(again)
    if happened:
        assert (one.ada.cart_acts, one.ada.carts) == (other.ada.cart_acts, other.ada.carts)
    assert Counter(sent_by(one.mark(days=200))) == Counter(sent_by(other.mark(days=200)))


@pytest.mark.parametrize("sku", ["lamp", "rug"])
def test_whoever_has_bought_since_the_cart_began_is_not_reminded(sku: str) -> None:
    assert reminded(add(), order(sku, minutes=5)) == (["by_product"] if sku == "rug" else [])


def test_what_is_added_after_the_order_is_another_cart() -> None:
    assert reminded(add(), order("rug", minutes=5), add("vase", minutes=9)) == ["abandoned_cart", "by_product"]


def test_an_order_ends_the_cart_that_it_names() -> None:
    assert reminded(add("rug", cart_id="k"), order("lamp", cart_id="k", minutes=5)) == []


def test_what_was_removed_later_than_it_was_added_stays_out_though_it_is_told_first() -> None:
    assert reminded(remove(minutes=5), add()) == []


def test_the_whole_content_is_told() -> None:
    assert reminded(add(), updated(minutes=5)) == []
    shop = Shop(RULES)
    shop.sees(updated("rug", "vase", minutes=5), add())
    assert shop.ada.cart is not None
    assert shop.ada.cart.lines == {"rug": 1, "vase": 1}


def test_quantity_0_and_a_removal_without_a_product_empty_the_cart() -> None:
    assert reminded(add(), add(quantity=0, minutes=5)) == []
    assert reminded(add(), add("rug"), remove(None, minutes=5)) == []


def test_a_check_out_with_lines_makes_a_cart() -> None:
    assert reminded(checkout(lines=(CartLine(sku="lamp"),))) == ["abandoned_cart", "by_product"]


@pytest.mark.parametrize("name", ["variant", "product_id"])
def test_products_are_the_same_by_sku_variant_or_parent(name: str) -> None:
    lines = (line("lamp-red-xl").model_copy(update={name: "lamp"}),)
    assert reminded(add(), order(lines=lines, minutes=5)) == []
    assert reminded(add("lamp-red-xl", **{name: "lamp"}), remove(minutes=5)) == []


def test_an_edit_of_an_order_ends_no_later_cart() -> None:
    happened: list[Event] = [order(order_id="o1"), add(minutes=5), order("lamp", "rug", order_id="o1", minutes=9)]
    assert reminded(*happened) == ["abandoned_cart", "by_product"]
