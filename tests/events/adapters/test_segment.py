"""Segment's and RudderStack's calls, with all that is odd in them."""

from typing import Any

import pytest

from streamproc.events.clickstream import CartAdded, PageViewed, ProductViewed
from streamproc.events.ignored import Ignored, Why
from streamproc.events.profile import ConsentChanged, Identified, Linked
from streamproc.events.purchase import OrderPlaced
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import epoch_ms, rfc3339
from streamproc.events.tolerance import Mended
from tests.events.adapters.telling import example, replaced, says, told

ORDER = example("segment/order-completed")
IDENTIFY = example("segment/identify")


def only(message: Any, adapter: str = "segment") -> dict[str, Any]:
    [said] = says(adapter, message)
    assert isinstance(said, dict)
    return said


def event(message: Any, adapter: str = "segment") -> Any:
    [each] = told(adapter, message)
    return each.event if isinstance(each, Mended) else each


def track(name: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "messageId": "m", "userId": "c", "timestamp": "2026-03-02T20:00:00Z",
            "properties": properties}  # fmt: skip


def test_an_order_is_known_by_its_id_and_worth_what_was_paid_for_its_products() -> None:
    order = event(ORDER)
    assert isinstance(order, OrderPlaced)
    assert (order.order_id, order.customer_id, order.currency) == ("o-536365", "90210", "EUR")
    assert order.amount == 26_550_000
    assert [(line.sku, line.variant, line.amount) for line in order.lines] == [
        ("p-22423", "red", 24_000_000),
        ("85123A", None, 2_550_000),
    ]


@pytest.mark.parametrize(
    ("money", "paid"),
    [
        ({"subtotal": 20, "total": 27.5, "revenue": 25}, 20_000_000),
        ({"total": "27.50", "shipping": 3, "tax": 2, "revenue": 25}, 22_500_000),
        ({"revenue": "25.10"}, 25_100_000),
        ({"value": 19.99}, 19_990_000),
        ({}, None),
    ],
)
def test_shipping_and_taxes_are_no_revenue(money: dict[str, Any], paid: int | None) -> None:
    assert only(track("Order Completed", order_id="o", currency="EUR", **money)).get("total") == paid


def test_the_same_order_of_client_and_server_is_one_order() -> None:
    client, server = only(ORDER), only(replaced(ORDER, messageId="node-1", userId="90210", anonymousId=...))
    assert client["event_id"] != server["event_id"]
    assert client["order_id"] == server["order_id"]


def test_an_order_without_an_id_is_known_by_its_message() -> None:
    assert only(track("Order Completed", currency="EUR", total=5))["order_id"] == "m"


def test_an_order_without_a_currency_is_a_dead_letter_that_names_it() -> None:
    assert event(replaced(ORDER, properties__currency=...)) == Rejected(Reason.MISSING_FIELD, "currency")


def test_the_corrected_time_is_not_corrected_again() -> None:
    said = only(ORDER)
    assert (said["occurred_at"], said.get("sent_at")) == ("2026-03-02T20:10:31.120Z", None)


def test_a_client_s_own_time_comes_with_the_time_of_sending() -> None:
    said = only(replaced(ORDER, timestamp=...))
    assert (said["occurred_at"], said["sent_at"]) == ("2026-03-02T20:14:02.004Z", "2026-03-02T20:14:03.417Z")


def test_a_time_may_be_a_number() -> None:
    viewed = event(replaced(ORDER, type="page", timestamp=1772481600123))
    assert rfc3339(epoch_ms(viewed.occurred_at)) == "2026-03-02T20:00:00.123Z"


@pytest.mark.parametrize("nobody", ["", None, 0, "null", "undefined"])
def test_a_visitor_s_user_id_is_nobody(nobody: object) -> None:
    said = only(replaced(ORDER, userId=nobody))
    assert (said.get("customer_id"), said["anonymous_id"]) == (None, ORDER["anonymousId"])


def test_ids_that_are_numbers_keep_all_digits() -> None:
    said = only(replaced(ORDER, userId=9007199254740993, properties__order_id=820982911946154508))
    assert (said["customer_id"], said["order_id"]) == ("9007199254740993", "820982911946154508")


def test_an_address_goes_along() -> None:
    assert only(ORDER)["email"] == only(replaced(IDENTIFY, anonymousId=..., traits__emailOptIn=...))["email"]


def test_an_identify_says_who_who_the_visitor_is_and_a_consent() -> None:
    known, linked, consent = (each.event if isinstance(each, Mended) else each for each in told("segment", IDENTIFY))
    assert isinstance(known, Identified)
    assert isinstance(linked, Linked)
    assert isinstance(consent, ConsentChanged)
    assert known.traits == {
        "email": "ada@example.org", "firstName": "Ada", "createdAt": "2015-07-06T08:51:43Z", "birthday": "1990-12-10",
        "address.city": "Wien", "address.country": "AT", "address.postalCode": "1010", "plan": None, "emailOptIn": True,
    }  # fmt: skip
    assert (linked.customer_id, linked.anonymous_id) == ("c-1042", IDENTIFY["anonymousId"])
    assert (consent.granted, consent.channel, consent.purpose) == (True, "email", "marketing")


@pytest.mark.parametrize(
    ("traits", "granted"),
    [({"email_opt_in": "no"}, False), ({"acceptsMarketing": True}, True), ({"unsubscribed": True}, False),
     ({"unsubscribed": False}, None), ({"emailOptIn": None}, None), ({"newsletter": True, "unsubscribed": 1}, False)],
)  # fmt: skip
def test_only_what_is_plain_is_a_consent(traits: dict[str, Any], granted: bool | None) -> None:
    said = says("segment", replaced(IDENTIFY, traits=traits))
    assert next((each["granted"] for each in said if each["type"] == "consent_changed"), None) is granted


def test_a_consent_counts_since_it_was_given_if_the_traits_say_so() -> None:
    traits = {"emailOptIn": True, "emailOptInAt": "2026-02-01T09:00:00Z"}
    said = [each for each in says("segment", replaced(IDENTIFY, traits=traits)) if each["type"] == "consent_changed"]
    assert [(each["granted"], each["occurred_at"]) for each in said] == [(True, "2026-02-01T09:00:00Z")]


def test_rudderstack_s_batches_are_read_too() -> None:
    batch = {"batch": [example("rudderstack/product-viewed"), example("rudderstack/identify")], "sentAt": "x"}
    assert told("rudderstack", batch) == [
        *told("rudderstack", example("rudderstack/product-viewed")),
        *told("rudderstack", example("rudderstack/identify")),
    ]


def test_rudderstack_has_traits_in_the_context() -> None:
    known, _, consent = says("rudderstack", example("rudderstack/identify"))
    assert known["traits"]["address"] == {"city": "Wien"}
    assert consent["granted"] is False


def test_rudderstack_s_visitor_has_an_empty_user_id() -> None:
    viewed = event(example("rudderstack/product-viewed"), "rudderstack")
    assert isinstance(viewed, ProductViewed)
    assert (viewed.customer_id, viewed.anonymous_id) == (None, "b0d1a9c4-2c0f-4d36-8f7b-7a3e11d2c9f0")
    assert (viewed.sku, viewed.price, viewed.currency, viewed.utm_campaign) == ("22423", 12_750_000, "EUR", "spring")
    assert viewed.sent_at is not None


def test_rudder_id_is_the_visitor_if_nothing_else_is_said() -> None:
    said = only(replaced(example("rudderstack/product-viewed"), anonymousId=None), "rudderstack")
    assert said["anonymous_id"] == "5f1c8c5b-77b5-4d7a-8f8e-9c0c5d7f8a11"


def test_an_alias_links_the_id_of_before() -> None:
    call = {"type": "alias", "previousId": "v1", "userId": "c1", "messageId": "m", "timestamp": "2026-03-02T20:00:00Z"}
    linked = event(call)
    assert isinstance(linked, Linked)
    assert (linked.customer_id, linked.anonymous_id) == ("c1", "v1")
    assert event(replaced(call, previousId="c1")) == Ignored(Why.NO_NEWS)
    assert event(replaced(call, previousId="")) == Rejected(Reason.MISSING_ID, "customer_id and anonymous_id")


def test_a_batch_shares_its_context_and_what_is_no_event_of_ours_is_ignored() -> None:
    page, added, custom, group = (each.event if isinstance(each, Mended) else each
                                  for each in told("segment", example("segment/batch")))  # fmt: skip
    assert isinstance(page, PageViewed)
    assert (page.url, page.locale) == ("https://shop.example/garden", "de-AT")
    assert isinstance(added, CartAdded)
    assert (added.sku, added.variant, added.quantity, added.cart_id) == ("p-22423", "red", 2, "k-1")
    assert custom == group == Ignored(Why.OTHER_EVENT)


def test_a_screen_of_an_app_is_a_page() -> None:
    assert (
        event({"type": "screen", "anonymousId": "v", "messageId": "m", "timestamp": 1772481600}).type == "page_viewed"
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Product Added", "cart_added"), ("product_removed", "cart_removed"), ("Added Product", "cart_added"),
     ("Checkout Started", "checkout_started"), ("Products Searched", "searched"), ("Order Refunded", "order_refunded"),
     ("order cancelled", "order_cancelled"), ("Order Updated", "order_placed"), ("Cart Viewed", "cart_updated")],
)  # fmt: skip
def test_their_events_are_ours(name: str, kind: str) -> None:
    call = track(name, sku="lamp", query="lamp", order_id="o", currency="EUR", total=5, products=[{"sku": "lamp"}])
    assert event(call).type == kind


def test_a_cart_of_which_nothing_is_said_is_not_empty() -> None:
    assert event(track("Cart Viewed")) == Ignored(Why.NO_NEWS)


@pytest.mark.parametrize(("money", "amount"), [({"total": "-5.5"}, 5_500_000), ({}, None)])
def test_a_refund_is_an_amount_or_the_rest(money: dict[str, Any], amount: int | None) -> None:
    assert event(track("Order Refunded", order_id="o", currency="eur", **money)).given_back == amount


def test_without_a_message_s_id_the_call_is_known_by_what_it_says() -> None:
    one, same = only(replaced(ORDER, messageId=None)), only(replaced(ORDER, messageId=...))
    assert one["event_id"] == only(replaced(ORDER, messageId=None))["event_id"]
    assert one["event_id"] != only(replaced(ORDER, messageId=None, userId="b"))["event_id"]
    assert len(same["event_id"]) < 128


@pytest.mark.parametrize(
    ("call", "rejected"),
    [
        ({"userId": "c"}, Rejected(Reason.MISSING_FIELD, "type")),
        ({"type": "trakc"}, Rejected(Reason.UNKNOWN_TYPE, "none of alias, group, identify, page, screen, track")),
        (17, Rejected(Reason.NOT_AN_OBJECT, "int")),
    ],
)
def test_what_is_no_call_is_a_dead_letter(call: Any, rejected: Rejected) -> None:
    assert event(call) == rejected
