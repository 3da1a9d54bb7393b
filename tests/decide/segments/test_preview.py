"""A preview says of tags and segments what the states will be when decide has filled them."""

from typing import Any

from hypothesis import given

from streamproc.customer.codec import decode, encode
from streamproc.decide.plan import Plan
from streamproc.decide.segments.preview import EXAMPLES, Preview
from streamproc.events.raw import Event
from tests.builders import Shop, at_ms, order, plan, tagged, view
from tests.decide.segments.test_decay import BANK, found, histories, plans, scratch

BUYERS = {"name": "buyers", "where": [{"feature": "orders_28d", "at_least": 1}, {"tag": "vip"}]}
TAG = {"name": "often", "where": [{"feature": "orders_total", "at_least": 2}]}


@given(plans, plans, histories)
def test_it_says_who_would_be_in_and_who_would_come_and_go(old: Plan, new: Plan, history: list[Event]) -> None:
    shop = Shop(old, BANK)
    shop.sees(*history)
    shop.mark(days=121)
    customer = decode(encode(shop.ada))
    preview = Preview(new)
    preview.add(customer, at_ms(days=121), BANK)
    would = scratch(new, customer, at_ms(days=121))
    told = {each.name if each.kind == "segment" else f"tag {each.name}": each for each in preview.groups()}
    assert {name for name, each in told.items() if each.members} == would
    assert {name for name, each in told.items() if each.entering} == would - found(customer)
    assert {name for name, each in told.items() if each.leaving} == found(customer) - would
    assert customer == shop.ada


def test_it_counts_and_names_ten_of_them_and_the_same_ones_in_any_order() -> None:
    shop = Shop(plan())
    for number in range(30):
        who: dict[str, Any] = {"customer_id": f"shopper-{number}"}
        shop.sees(order(**who), tagged(**who) if number % 2 else view(**who))
    there, back = Preview(plan(segments=[BUYERS], tags=[TAG])), Preview(plan(segments=[BUYERS], tags=[TAG]))
    for customer in shop.customers.values():
        there.add(customer, at_ms(days=1))
    for customer in reversed(shop.customers.values()):
        back.add(customer, at_ms(days=1))
    often, buyers, vip = there.groups()
    assert [(each.kind, each.name, each.members) for each in (often, buyers, vip)] == [
        ("tag", "often", 0), ("segment", "buyers", 15), ("tag", "vip", 15),
    ]  # fmt: skip
    assert len(buyers.examples) == EXAMPLES
    assert list(back.groups()) == [often, buyers, vip]


def test_a_guest_s_order_is_nobody() -> None:
    shop = Shop(plan())
    shop.sees(order(customer_id=None, order_id="o1"))
    preview = Preview(plan(segments=[{"name": "all", "where": [{"feature": "orders_total", "at_least": 0}]}]))
    for customer in shop.customers.values():
        preview.add(customer, 0)
    assert (preview.customers, [each.members for each in preview.groups()]) == (0, [0])
