"""Whatever id something comes under, in whatever order: it reaches its customer, once."""

import pytest

from streamproc.customer.alias import MAX_WAITING
from streamproc.customer.folds.messaging import consent_key
from streamproc.events.profile import Unlinked
from streamproc.events.raw import Event
from streamproc.events.topics import trigger_topic
from streamproc.processor.partitioner import partition_of
from tests.builders import (
    abandoned_cart,
    add,
    at_ms,
    clicked,
    consent,
    envelope,
    erasure,
    identified,
    order,
    plan,
    refund,
    unsubscribed,
    view,
)
from tests.decide.identity.town import PARTITIONS, Town, linked, merged

ADDRESS = "Ada@Example.org"
PLAN = plan(abandoned_cart())


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


def test_a_refusal_under_an_address_waits_as_long_as_an_address_stands_for_somebody() -> None:
    refusal = unsubscribed("m9", customer_id=None, email=ADDRESS)
    town = Town(PLAN).tell(refusal, clicked("m9", customer_id=None)).rest().mark(at_ms(days=300)).rest()
    town.tell(identified(email=ADDRESS, days=301)).rest()
    [ada] = town.customers().values()
    assert not ada.consents[consent_key("marketing", "email")].granted


def test_no_number_of_clicks_crowds_out_a_refusal() -> None:
    town = Town(PLAN).tell(unsubscribed("m0", customer_id=None, email=ADDRESS))
    town.tell(*(clicked(f"m{number}", customer_id=None, email=ADDRESS) for number in range(2 * MAX_WAITING))).rest()
    [ada] = town.tell(identified(email=ADDRESS, days=1)).rest().customers().values()
    assert not ada.consents[consent_key("marketing", "email")].granted


def test_a_move_of_time_costs_five_records_for_each_partition_of_the_log() -> None:
    """Told three times to each, which answers twice; a stale mark costs itself alone."""
    town = Town(PLAN).mark(at_ms(hours=1)).rest()
    assert town.of_time == 1 + 5 * PARTITIONS
    town.mark(at_ms(minutes=1)).rest()
    assert town.of_time == 2 + 5 * PARTITIONS
