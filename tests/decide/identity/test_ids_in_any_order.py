"""In any order of arrival, and at any pace of the partitions: one customer, and everything counts once."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.cart import cart_of
from streamproc.customer.state import Customer
from streamproc.customer.windows import EMPTY_BUCKET, Buckets
from streamproc.events.email import Sent
from streamproc.events.profile import Linked
from streamproc.events.raw import Event
from tests.builders import (
    abandoned_cart,
    add,
    cancel,
    clicked,
    consent,
    delivered,
    envelope,
    identified,
    order,
    plan,
    refund,
    remove,
    unsubscribed,
    view,
)
from tests.decide.identity.town import Town, linked, merged, told_in_disorder
from tests.trying import tried

ADDRESS = "Ada@Example.org"
PLAN = plan(abandoned_cart())
COUNTED = ("order", "refund", "visit", "cart_created", "page_view")

minutes = st.integers(0, 4 * 24 * 60)
as_anybody = st.sampled_from(
    [
        {},
        {},
        {"customer_id": None, "anonymous_id": "v1"},
        {"customer_id": None, "anonymous_id": "v2"},
        {"anonymous_id": "v1"},
    ]
)
with_address = st.sampled_from([{"customer_id": None, "email": ADDRESS}])
by_order = st.sampled_from([{}, {"customer_id": None}, {"customer_id": None, "anonymous_id": "v2"}])
orders = st.sampled_from(["o1", "o2"])
pounds = st.sampled_from([5, 10])
skus = st.sampled_from(["lamp", "rug"])

happened = st.one_of(
    st.builds(lambda at, who: view(minutes=at, **who), minutes, as_anybody),
    st.builds(lambda at, who, sku: add(sku, minutes=at, **who), minutes, as_anybody, skus),
    st.builds(lambda at, who, sku: remove(sku, minutes=at, **who), minutes, as_anybody, skus),
    st.builds(
        lambda at, who, name, amount: order("lamp", order_id=name, pounds=amount, minutes=at, **who),
        minutes, as_anybody | with_address, orders, pounds,
    ),
    st.builds(
        lambda at, who, name, amount: refund(name, amount, refund_id=f"r{amount}", minutes=at, **who),
        minutes, by_order, orders, pounds,
    ),
    st.builds(lambda at, who, name: cancel(name, minutes=at, **who), minutes, by_order, orders),
    st.builds(
        lambda at, who, granted: consent(granted=granted, minutes=at, **who),
        minutes, as_anybody | with_address, st.booleans(),
    ),
    st.builds(lambda at: clicked(minutes=at, customer_id=None), minutes),
    st.builds(lambda at: unsubscribed(minutes=at, customer_id=None, email=ADDRESS), minutes),
    st.builds(lambda at, city: identified({"city": city}, minutes=at), minutes, skus),
)  # fmt: skip

events_of_law = st.lists(happened, max_size=8, unique_by=lambda event: (event.type, event.occurred_at))


def sent(**values: Any) -> Sent:
    return Sent(message_id="m1", **envelope(values))


def ties() -> list[Event]:
    """What shows that all these ids are ada's; of each order who has placed it."""
    return [
        linked("v1"),
        linked("v2"),
        identified({"email": ADDRESS}, email=ADDRESS),
        sent(),
        delivered(minutes=7, customer_id=None, anonymous_id="v1"),
        order("lamp", order_id="o1", pounds=10),
        order("lamp", order_id="o2", pounds=10, customer_id=None, anonymous_id="v1"),
    ]


def as_ada(event: Event) -> Event:
    """The event as it would be if everybody always knew who it is."""
    return event.model_copy(update={"customer_id": "ada", "anonymous_id": None, "email": None})


def counts(buckets: Buckets) -> dict[int, tuple[int, ...]]:
    return {number: bucket for number in buckets if (bucket := buckets.get(number)) not in (None, EMPTY_BUCKET)}


def known(ada: Customer) -> dict[str, Any]:
    cart = cart_of(ada.key, ada.cart_acts)
    return {
        "orders": (ada.orders, ada.revenue_micros, ada.refunds, ada.refunded_micros),
        "times": (ada.first_order_ms, ada.last_order_ms),
        "ledger": ada.ledger,
        "messages": {message.digest: message for message in ada.messages},
        "consents": ada.consents,
        "traits": {name: trait for name, trait in ada.traits.items() if name != "email"},
        "cart": cart.lines if cart else {},
        "days": counts(ada.days),
        "reach": ada.reach,
    }


@tried(200)
@given(events_of_law, st.randoms(use_true_random=False))
def test_what_is_told_under_any_ids_in_any_order_is_one_customer_and_counts_once(
    events: list[Event], dice: Random
) -> None:
    told = [*events, *ties()]
    town = told_in_disorder(Town(PLAN), told, dice)
    plain = Town(PLAN).tell(*(as_ada(event) for event in told if not isinstance(event, Linked))).rest()
    assert town.customers().keys() == {"c/ada"}
    ours, theirs = town.customers()["c/ada"], plain.customers()["c/ada"]
    assert known(ours) == known(theirs)
    assert town.figures(COUNTED) == plain.figures(COUNTED)
    assert {key[0] for key, alias in town.aliases().items() if alias.waiting} <= {"e"}


@tried(100)
@given(st.permutations(["ada", "bob", "cleo"]), st.randoms(use_true_random=False))
def test_customers_who_are_merged_into_each_other_are_one_and_nothing_goes_round(
    names: list[str], dice: Random
) -> None:
    one, two, three = names
    buys = [order("lamp", order_id=f"o-{name}", customer_id=name, minutes=5) for name in names]
    town = told_in_disorder(Town(PLAN), [*buys, merged(one, two), merged(two, three), merged(three, one)], dice)
    [left] = town.customers().values()
    assert (left.orders, left.revenue_micros) == (3, 30_000_000)
    assert sum(times for (name, *_), times in town.figures(("order",)).items() if name == "order") == 3
