"""Shopify's webhooks, with all that is odd in them."""

import random
from typing import Any

import pytest

from streamproc.customer.ledger.movements import movements
from streamproc.customer.ledger.record import OrderRecord
from streamproc.customer.ledger.telling import told as settled
from streamproc.events.adapters import ADAPTERS
from streamproc.events.ignored import Ignored, Why
from streamproc.events.profile import ConsentChanged, ErasureRequested, Identified
from streamproc.events.purchase import OrderPlaced, OrderRefunded, PurchaseEvent
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import epoch_ms, parse_rfc3339
from streamproc.events.tolerance import Mended
from tests.events.adapters.telling import ANY, example, replaced, says, told, written

ORDER, REFUND = example("shopify/order"), example("shopify/refund")
CHECKOUT, CUSTOMER = example("shopify/checkout"), example("shopify/customer")
PLACED_MS, UPDATED_MS = parse_rfc3339(ORDER["created_at"]), parse_rfc3339(ORDER["updated_at"])


def events(message: Any) -> list[Any]:
    return [each.event if isinstance(each, Mended) else each for each in told("shopify", message)]


def of_kind(message: Any, kind: str) -> list[dict[str, Any]]:
    return [each for each in says("shopify", message) if isinstance(each, dict) and each["type"] == kind]


def placed(message: Any) -> OrderPlaced:
    order = events(message)[0]
    assert isinstance(order, OrderPlaced)
    return order


def record_of(*messages: Any) -> OrderRecord:
    record: OrderRecord | None = None
    for message in messages:
        for each in events(message):
            if isinstance(each, PurchaseEvent):
                record = settled(record, each.priced(1_000_000), epoch_ms(each.occurred_at))
    assert record is not None
    return record


def net(*messages: Any) -> int:
    """What is left of the order's money when all messages have come."""
    return sum((each.micros or 0) * (1 if each.kind == "ordered" else -1) for each in movements(record_of(*messages)))


def without_refunds(order: Any) -> Any:
    return replaced(order, refunds=[], line_items__0__current_quantity=2)


def test_ids_keep_all_their_digits() -> None:
    order = placed(ORDER)
    assert (order.order_id, order.customer_id) == ("820982911946154508", "706405506930370084")


def test_an_order_is_worth_its_products_after_discounts_without_shipping() -> None:
    order = placed(ORDER)
    assert (order.amount, order.currency, order.coupon, order.cart_id) == (
        26_550_000, "EUR", "SPRING26", "68778783ad298f1c80c3bafcddeea02f",
    )  # fmt: skip
    assert sum(line.amount for line in order.lines) == order.amount


def test_a_product_without_a_sku_is_known_by_its_variant() -> None:
    order = placed(replaced(ORDER, line_items__0__sku=""))
    assert [(line.sku, line.variant, line.product_id) for line in order.lines] == [
        ("808950810", "808950810", "632910392"),
        ("808950811", "808950811", "632910393"),
    ]


def test_a_line_of_no_product_is_of_an_unknown_one() -> None:
    order = placed(replaced(ORDER, line_items__1__variant_id=None, line_items__1__product_id=None))
    assert order.lines[1].sku == "unknown"


def test_the_shop_s_currency_counts_and_not_the_one_that_was_shown() -> None:
    assert placed(replaced(ORDER, line_items__0__price="13.90")).lines[0].unit_price == 12_750_000


@pytest.mark.parametrize(
    ("code", "price", "micros"), [("JPY", "1980", 1_980_000_000), ("KWD", "1.234", 1_234_000), ("EUR", 2.5, 2_500_000)]
)
def test_prices_are_in_units_of_the_currency_whatever_its_smallest_coin(code: str, price: object, micros: int) -> None:
    line = {"id": 1, "sku": "lamp", "quantity": 1, "price": price}
    order = placed(replaced(ORDER, currency=code, line_items=[line], subtotal_price=price, refunds=[]))
    assert (order.currency, order.amount, order.lines[0].unit_price) == (code, micros, micros)


def test_an_order_closes_the_checkout_that_had_no_cart() -> None:
    order, checkout = (
        replaced(ORDER, cart_token=None, checkout_token="t"),
        replaced(CHECKOUT, cart_token=None, token="t"),
    )
    assert placed(order).cart_id == events(checkout)[0].cart_id == "t"


def test_a_message_tells_the_order_on_its_day_and_as_it_is_now() -> None:
    assert [epoch_ms(each.occurred_at) for each in events(ORDER) if isinstance(each, OrderPlaced)] == [
        PLACED_MS,
        UPDATED_MS,
    ]


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_of_arrival_and_however_often_the_order_is_what_was_told_last(seed: int) -> None:
    created = replaced(without_refunds(ORDER), updated_at=ORDER["created_at"])
    edited = replaced(
        created, updated_at="2026-03-03T09:00:00+01:00", line_items__1__current_quantity=0, subtotal_price="24.00"
    )
    paid = replaced(edited, updated_at="2026-03-04T09:00:00+01:00", financial_status="paid")
    messages = [created, edited, paid, edited, created]
    random.Random(seed).shuffle(messages)
    record = record_of(*messages)
    assert (record.at_ms, record.micros) == (PLACED_MS, 24_000_000)


def test_an_edit_is_told_by_the_order_s_own_message() -> None:
    assert events({"order_edit": {"id": 1, "order_id": 820982911946154508}}) == [Ignored(Why.NO_NEWS)]


def test_what_was_taken_out_without_money_was_never_paid() -> None:
    edited = replaced(without_refunds(ORDER), line_items__0__current_quantity=0)
    assert [(line.sku, line.amount) for line in placed(edited).lines] == [("808950811", 2_550_000)]
    assert placed(edited).amount == 2_550_000


def test_of_a_line_a_part_of_which_was_taken_out_the_discount_is_that_part() -> None:
    edited = replaced(without_refunds(ORDER), line_items__0__current_quantity=1)
    assert placed(edited).lines[0].amount == 12_000_000


def test_what_was_given_back_for_money_was_paid_and_is_told_by_the_refund() -> None:
    assert placed(ORDER).amount == 26_550_000
    assert net(ORDER) == net(ORDER, REFUND) == net(REFUND, ORDER, REFUND) == 14_550_000


def test_a_refund_is_what_was_really_paid_back_and_names_only_its_order() -> None:
    [refund] = of_kind(REFUND, "order_refunded")
    assert refund == {
        "event_id": "929361464:order_refunded", "type": "order_refunded", "occurred_at": "2026-03-05T09:00:00+01:00",
        "order_id": "820982911946154508", "refund_id": "929361464", "amount": 12_000_000, "currency": "EUR",
    }  # fmt: skip


def test_two_refunds_of_one_order_are_two() -> None:
    assert net(ORDER, replaced(REFUND, id=929361465)) == 2_550_000


@pytest.mark.parametrize(
    ("transactions", "why"),
    [([], Why.NO_MONEY), ([{"kind": "refund", "status": "pending", "amount": "5"}], Why.NO_MONEY),
     ([{"kind": "void", "status": "success", "amount": "5"}], Why.NO_MONEY),
     ([{"kind": "refund", "status": "success", "amount": "5", "test": True}], Why.TEST)],
)  # fmt: skip
def test_a_refund_without_money_is_none(transactions: list[Any], why: Why) -> None:
    assert events(replaced(REFUND, transactions=transactions)) == [Ignored(why)]


def test_the_order_s_message_tells_its_refunds_with_the_customer() -> None:
    [refund] = [each for each in events(ORDER) if isinstance(each, OrderRefunded)]
    assert (refund.customer_id, refund.refund_id, refund.amount) == ("706405506930370084", "929361464", 12_000_000)


def test_a_cancelled_order_is_whole_and_goes_back_whole() -> None:
    cancelled = replaced(
        ORDER, cancelled_at="2026-03-06T09:00:00+01:00", refunds=[], financial_status="paid",
        line_items__0__current_quantity=0, line_items__1__current_quantity=0,
    )  # fmt: skip
    assert placed(cancelled).amount == 26_550_000
    assert net(cancelled) == net(ORDER, cancelled, REFUND) == 0


@pytest.mark.parametrize("status", ["voided", "expired"])
def test_what_was_never_paid_is_cancelled(status: str) -> None:
    assert net(replaced(without_refunds(ORDER), financial_status=status)) == 0


def test_what_is_not_paid_yet_is_an_order() -> None:
    [order] = events(example("shopify/eventbridge"))
    assert (order.order_id, order.amount, order.customer_id) == ("820982911946154509", 5_100_000, None)


def test_a_test_order_is_ignored() -> None:
    assert events(replaced(ORDER, test=True)) == [Ignored(Why.TEST)]


def test_a_gift_card_is_no_revenue_before_something_is_bought_with_it() -> None:
    order = placed(replaced(without_refunds(ORDER), line_items__1__gift_card=True))
    assert (order.amount, order.lines[1].category) == (24_000_000, "gift_card")


def test_a_guest_s_order_is_the_order_of_whoever_it_is_said_to_be_later() -> None:
    guest = replaced(ORDER, customer=None, refunds=[])
    assert "customer_id" not in says("shopify", guest)[0]
    assert says("shopify", guest)[0]["email"] == "ada@example.org"
    assert says("shopify", guest)[0]["order_id"] == says("shopify", ORDER)[0]["order_id"]


def test_a_checkout_is_the_whole_cart_until_it_is_an_order() -> None:
    [checkout] = events(CHECKOUT)
    assert (checkout.type, checkout.cart_id) == ("checkout_started", placed(ORDER).cart_id)
    assert [(line.sku, line.quantity) for line in checkout.lines] == [("22423", 2), ("808950811", 1)]
    assert events(replaced(CHECKOUT, completed_at="2026-03-02T20:10:31+01:00")) == [Ignored(Why.NO_NEWS)]
    assert events(replaced(CHECKOUT, customer=..., email=None)) == [Ignored(Why.NOBODY)]


def test_a_customer_s_message_says_who_they_are_and_what_they_allow() -> None:
    known, consent = events(CUSTOMER)
    assert isinstance(known, Identified)
    assert isinstance(consent, ConsentChanged)
    assert known.traits == {
        "email": "ada@example.org", "first_name": "Ada", "last_name": None, "phone": "+4315550100",
        "tags": "garden, wholesale", "currency": "EUR", "city": "Wien", "country": "AT",
    }  # fmt: skip
    assert (consent.granted, consent.channel) == (True, "email")
    assert epoch_ms(consent.occurred_at) == parse_rfc3339("2026-03-02T20:10:30+01:00")


@pytest.mark.parametrize(
    ("state", "granted"),
    [("subscribed", [True]), ("unsubscribed", [False]), ("redacted", [False]), ("not_subscribed", []), ("pending", []),
     ("invalid", []), (None, [])],
)  # fmt: skip
def test_a_consent_is_what_was_said_and_nothing_else(state: str | None, granted: list[bool]) -> None:
    said = of_kind(replaced(CUSTOMER, email_marketing_consent__state=state), "consent_changed")
    assert [each["granted"] for each in said] == granted


@pytest.mark.parametrize(
    ("accepts", "changed", "granted"),
    [
        (True, None, [True]),
        (False, None, []),
        (False, CUSTOMER["created_at"], []),
        (False, "2026-03-02T20:00:00Z", [False]),
    ],
)
def test_the_older_consent_field_refuses_only_if_it_was_changed(
    accepts: bool, changed: str | None, granted: list[bool]
) -> None:
    customer = replaced(
        CUSTOMER, email_marketing_consent=..., accepts_marketing=accepts, accepts_marketing_updated_at=changed
    )
    assert [each["granted"] for each in of_kind(customer, "consent_changed")] == granted


def test_a_consent_by_itself_names_the_customer_and_the_address() -> None:
    message = {"customer_id": 706405506930370084, "email_address": "ada@example.org",
               "email_marketing_consent": CUSTOMER["email_marketing_consent"] | {"state": "unsubscribed"}}  # fmt: skip
    [consent] = says("shopify", message)
    assert (consent["customer_id"], consent["email"], consent["granted"]) == (
        "706405506930370084",
        "ada@example.org",
        False,
    )


def test_a_redaction_is_an_erasure_from_when_it_is_received() -> None:
    [erasure] = events(example("shopify/customer-redact"))
    assert isinstance(erasure, ErasureRequested)
    assert (erasure.customer_id, epoch_ms(erasure.occurred_at)) == ("706405506930370084", 0)


def test_the_topic_s_header_names_the_kind() -> None:
    def by_header(topic: bytes, message: Any) -> list[Any]:
        return list(ADAPTERS["shopify"](written(message), [("X-Shopify-Topic", topic)], ANY))

    assert by_header(b"orders/updated", ORDER) == told("shopify", ORDER)
    assert by_header(b"products/update", {"id": 1}) == [Ignored(Why.OTHER_EVENT)]
    assert events({"id": 1}) == [Rejected(Reason.UNKNOWN_TYPE, "none of checkout, customer, order, refund")]
