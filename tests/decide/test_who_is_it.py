"""Whatever id something comes under, in whatever order: it reaches its customer, once."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.cart import cart_of
from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.state import Customer
from streamproc.customer.windows import EMPTY_BUCKET, Buckets
from streamproc.events.email import Sent
from streamproc.events.profile import Linked, Merged, Unlinked
from streamproc.events.raw import Event
from streamproc.events.topics import trigger_topic
from streamproc.processor.partitioner import partition_of
from tests.builders import (
    abandoned_cart,
    add,
    at_ms,
    cancel,
    clicked,
    consent,
    delivered,
    envelope,
    erasure,
    identified,
    order,
    plan,
    refund,
    remove,
    unsubscribed,
    view,
)
from tests.decide.town import PARTITIONS, Town
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


def linked(anonymous_id: str, customer_id: str = "ada", **values: Any) -> Linked:
    return Linked(**envelope({"customer_id": customer_id, "anonymous_id": anonymous_id} | values))


def merged(into: str, other: str, **values: Any) -> Merged:
    return Merged(merged_customer_id=other, **envelope({"customer_id": into} | values))


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


def told_in_disorder(town: Town, events: list[Event], dice: Random) -> Town:
    """In any order of arrival, while the partitions decide at any pace."""
    waiting = list(events)
    dice.shuffle(waiting)
    while waiting:
        if dice.random() < 0.5:
            town.tell(waiting.pop())
        else:
            town.work(dice.randrange(PARTITIONS))
    return town.rest()


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


def test_a_visitor_who_logs_in_takes_the_cart_along_and_is_not_reminded_after_the_order() -> None:
    town = Town(PLAN).tell(add(customer_id=None, anonymous_id="v1"), linked("v1", minutes=3)).rest()
    town.tell(order("lamp", minutes=5)).rest().mark(at_ms(hours=9)).rest()
    assert town.of(trigger_topic("abandoned_cart")) == []


def test_a_timer_that_runs_at_a_link_runs_on_for_the_customer_and_fires_once() -> None:
    town = Town(PLAN).tell(add(customer_id=None, anonymous_id="v1"), linked("v1", minutes=30)).rest()
    town.mark(at_ms(minutes=59)).rest()
    assert town.of(trigger_topic("abandoned_cart")) == []
    [fired] = town.mark(at_ms(hours=9)).rest().of(trigger_topic("abandoned_cart"))
    assert (fired["customer_id"], fired["anonymous_id"], fired["at"]) == ("ada", None, "2024-05-01T13:00:00Z")


def test_who_was_reminded_as_a_visitor_is_not_reminded_again_of_the_same_cart() -> None:
    town = Town(PLAN).tell(add(customer_id=None, anonymous_id="v1")).rest().mark(at_ms(hours=2)).rest()
    town.tell(linked("v1", hours=3)).rest().mark(at_ms(hours=9)).rest()
    assert [each["anonymous_id"] for each in town.of(trigger_topic("abandoned_cart"))] == ["v1"]


def test_two_devices_at_once_are_one_cart() -> None:
    one, two = ({"customer_id": None, "anonymous_id": name} for name in ("v1", "v2"))
    town = Town(PLAN).tell(
        add("lamp", **one), linked("v1", minutes=1), linked("v2", minutes=1), add("rug", minutes=2, **two)
    )
    [ada] = town.rest().customers().values()
    assert ada.cart is not None
    assert set(ada.cart.lines) == {"lamp", "rug"}


def test_a_device_of_too_many_customers_is_nobody_s() -> None:
    town = Town(PLAN)
    for number in range(7):
        town.tell(linked("kiosk", f"c{number}", minutes=number)).rest()
    town.tell(view(customer_id=None, anonymous_id="kiosk", hours=1)).rest()
    assert town.customers()["a/kiosk"].is_shared
    assert sum(1 for key, _ in town.passed_on if key.startswith("c/")) == 0
    town.tell(linked("kiosk", "c9", hours=2), view(customer_id=None, anonymous_id="kiosk", hours=3)).rest()
    assert town.customers()["a/kiosk"].is_shared


def test_what_a_device_does_is_the_last_customer_s_who_used_it() -> None:
    town = Town(PLAN).tell(linked("tablet", "ada"), linked("tablet", "bob", hours=1)).rest()
    town.tell(add("lamp", customer_id=None, anonymous_id="tablet", minutes=30)).rest()
    town.tell(add("rug", customer_id=None, anonymous_id="tablet", hours=2)).rest()
    carts = {key: set(known.cart.lines) for key, known in town.customers().items() if known.cart}
    assert carts == {"c/ada": {"lamp"}, "c/bob": {"rug"}}


def test_after_an_unlink_a_visitor_is_somebody_else_whatever_arrives_first() -> None:
    unlinked = Unlinked(**envelope({"anonymous_id": "v1", "hours": 1}))
    orders: tuple[list[Event], ...] = ([linked("v1"), unlinked], [unlinked, linked("v1")])
    for events in orders:
        town = Town(PLAN)
        for event in events:
            town.tell(event).rest()
        town.tell(view(customer_id=None, anonymous_id="v1", hours=2)).rest()
        assert "a/v1" in town.customers()


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


def test_of_two_who_are_merged_the_refusal_stays() -> None:
    town = Town(PLAN).tell(
        consent(customer_id="bob", granted=False), consent(minutes=-5), merged("ada", "bob", hours=1)
    )
    [ada] = town.rest().customers().values()
    assert not ada.consents[consent_key("marketing", "email")].granted


@pytest.mark.parametrize("is_first", [True, False])
def test_a_refusal_by_address_counts_for_all_who_have_it_whatever_comes_first(*, is_first: bool) -> None:
    refusal = unsubscribed("m9", customer_id=None, email="family@example.org", hours=5)
    having: list[Event] = [identified(customer_id=name, email="family@example.org") for name in ("ada", "bob")]
    town = Town(PLAN)
    for event in [refusal, *having] if is_first else [*having, refusal]:
        town.tell(event).rest()
    refused = {key for key, known in town.customers().items() if known.consents}
    assert refused == {"c/ada", "c/bob"}


def test_an_erased_customer_s_device_is_nobody_s_and_what_it_did_before_is_not_taken_up() -> None:
    town = Town(PLAN).tell(linked("v1"), erasure(hours=1)).rest()
    town.tell(add(customer_id=None, anonymous_id="v1", minutes=30)).rest()
    town.tell(view(customer_id=None, anonymous_id="v1", hours=2)).rest()
    assert town.customers()["c/ada"].cart is None
    assert town.customers()["a/v1"].cart is None
    assert town.customers()["a/v1"].session is not None


def test_what_waits_in_vain_is_given_up() -> None:
    town = Town(PLAN).tell(clicked("m7", customer_id=None)).rest()
    assert town.aliases()["m/m7"].waiting
    town.mark(at_ms(days=34)).rest()
    assert town.aliases()["m/m7"].waiting
    assert town.mark(at_ms(days=36)).rest().states() == {}


def test_an_address_is_nowhere_in_the_clear() -> None:
    town = Town(PLAN).tell(unsubscribed(customer_id=None, email=ADDRESS), order(customer_id=None, email=ADDRESS)).rest()
    assert all("example" not in key.lower() for key in town.states())


def test_a_page_cannot_claim_an_address() -> None:
    town = Town(PLAN).tell(view(customer_id="mallory", email=ADDRESS)).rest()
    assert not any(key.startswith("e/") for key, _ in town.passed_on)


@pytest.mark.parametrize("first", ["order", "refund"])
def test_a_guest_s_order_and_its_refund_are_the_customer_s_who_has_the_address(first: str) -> None:
    events: list[Event] = [
        identified({"email": ADDRESS}, email=ADDRESS),
        order(order_id="o1", customer_id=None, email=ADDRESS, minutes=5),
        refund("o1", None, customer_id=None, hours=1),
    ]
    if first == "refund":
        events.reverse()
    town = Town(PLAN)
    for event in events:
        town.tell(event).rest()
    [ada] = town.customers().values()
    assert (ada.key, ada.orders, ada.revenue_micros - ada.refunded_micros) == ("c/ada", 1, 0)
    net = sum(
        times * dict(rest[1:]).get("net_amount", 0)
        for (name, *rest), times in town.figures(("order", "refund")).items()
    )
    assert net == 0


def test_a_timer_waits_for_what_is_still_on_its_way_from_another_partition() -> None:
    town = Town(PLAN).tell(linked("v1"), add(minutes=1)).rest()
    town.tell(order("lamp", customer_id=None, anonymous_id="v1", minutes=30)).mark(at_ms(hours=9))
    key, visitor = (partition_of(name.encode(), PARTITIONS) for name in ("c/ada", "a/v1"))
    assert key != visitor
    while town.work(key):
        pass
    assert town.of(trigger_topic("abandoned_cart")) == []
    assert town.rest().of(trigger_topic("abandoned_cart")) == []
    town.tell(add("rug", hours=10)).rest().mark(at_ms(hours=12)).rest()
    assert len(town.of(trigger_topic("abandoned_cart"))) == 1
