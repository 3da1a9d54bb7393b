"""Rows of Google Analytics' export, with all that is odd in them."""

from typing import Any

import pytest

from streamproc.events.ignored import Ignored, Why
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import epoch_ms
from streamproc.events.tolerance import Mended
from tests.events.adapters.telling import example, replaced, says, told

PURCHASE = example("ga4/purchase")
PAGE, ADDED, ENGAGED, LOGIN, REFUND = example("ga4/rows")


def event(message: Any) -> Any:
    [each] = told("ga4", message)
    return each.event if isinstance(each, Mended) else each


def row(name: str, *items: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    said = [{"key": key, "value": {"string_value": value}} for key, value in parameters.items()]
    own = {"event_name": name, "event_timestamp": "1772481000000000", "user_pseudo_id": "1.2"}
    return own | {"items": list(items), "event_params": said}


def test_times_are_microseconds_as_text() -> None:
    assert epoch_ms(event(PURCHASE).occurred_at) == 1_772_481_600_123
    assert event(replaced(PURCHASE, event_timestamp=1772481600123456)) == event(PURCHASE)


def test_a_visitor_is_known_by_all_digits() -> None:
    order = event(PURCHASE)
    assert (order.customer_id, order.anonymous_id) == (None, "1234567890.1234567890")


def test_a_purchase_is_an_order_with_its_value() -> None:
    order = event(PURCHASE)
    assert (order.order_id, order.amount, order.currency) == ("o-536365", 26_550_000, "EUR")
    assert [(line.sku, line.variant, line.quantity, line.unit_price) for line in order.lines] == [
        ("22423", "red", 2, 12_000_000),
        ("unknown", None, 1, 2_550_000),
    ]


@pytest.mark.parametrize("field", ["string_value", "int_value", "float_value", "double_value"])
def test_a_parameter_has_its_value_in_one_of_four_fields(field: str) -> None:
    parameters = [{"key": "value", "value": {"string_value": None, field: "7"}}, *PURCHASE["event_params"][:2]]
    assert event(replaced(PURCHASE, event_params=parameters)).amount == 7_000_000


def test_without_a_transaction_s_id_the_purchase_is_the_order() -> None:
    nameless = replaced(PURCHASE, ecommerce__transaction_id="(not set)", event_params=PURCHASE["event_params"][1:])
    assert event(nameless).order_id == event(replaced(nameless, event_date="20260303")).order_id
    assert event(nameless).order_id != event(replaced(nameless, batch_event_index="4")).order_id


def test_what_is_imported_again_from_any_table_is_known() -> None:
    again = replaced(PURCHASE, user_id="c-1042", event_date="20260303", collected_traffic_source=..., device=None)
    assert event(again).event_id == event(PURCHASE).event_id
    assert event(replaced(PURCHASE, batch_event_index=3)).event_id == event(PURCHASE).event_id
    for other in ({"event_timestamp": "1772481600123457"}, {"user_pseudo_id": "9.9"}, {"batch_page_id": "1"}):
        assert event(replaced(PURCHASE, **other)).event_id != event(PURCHASE).event_id


def test_what_is_not_set_is_nothing() -> None:
    page = event(PAGE)
    assert (page.utm_source, page.utm_campaign, page.device, page.url) == (
        None, None, "mobile", "https://shop.example/garden",
    )  # fmt: skip


def test_each_product_of_a_row_is_an_event_of_its_own() -> None:
    lantern, heart = says("ga4", ADDED)
    assert (lantern["sku"], lantern["quantity"], lantern["unit_price"], lantern["variant"]) == (
        "22423", 2, 12_750_000, "red",
    )  # fmt: skip
    assert (heart["sku"], "unit_price" in heart, "quantity" in heart) == ("85123A", False, False)
    assert lantern["event_id"] != heart["event_id"]


def test_a_refund_is_positive_however_it_is_written() -> None:
    assert event(REFUND).amount == 12_000_000
    assert event(replaced(REFUND, ecommerce__refund_value=-12)).amount == 12_000_000
    assert event(replaced(REFUND, ecommerce=None, event_params=REFUND["event_params"][:2])).given_back is None


def test_who_logs_in_is_the_visitor() -> None:
    linked = event(LOGIN)
    assert (linked.type, linked.customer_id, linked.anonymous_id) == ("linked", "c-1042", "1234567890.1234567890")
    assert event(replaced(LOGIN, user_id=None)) == Ignored(Why.NO_NEWS)


def test_of_nobody_only_a_purchase_counts() -> None:
    assert event(replaced(PAGE, user_pseudo_id=None)) == Ignored(Why.NOBODY)
    assert event(replaced(PURCHASE, user_pseudo_id=None)).type == "order_placed"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("screen_view", "page_viewed"), ("view_item", "product_viewed"), ("search", "searched"),
     ("view_search_results", "searched"), ("remove_from_cart", "cart_removed"), ("view_cart", "cart_updated"),
     ("begin_checkout", "checkout_started")],
)  # fmt: skip
def test_their_events_are_ours(name: str, kind: str) -> None:
    assert event(row(name, {"item_id": "lamp"}, search_term="lamp")).type == kind


def test_a_cart_of_which_nothing_is_said_is_neither_empty_nor_removed() -> None:
    assert event(row("view_cart")) == Ignored(Why.NO_NEWS)
    assert told("ga4", row("remove_from_cart", {"item_id": "(not set)"})) == []


def test_other_events_are_ignored_and_what_is_none_is_a_dead_letter() -> None:
    assert event(ENGAGED) == Ignored(Why.OTHER_EVENT)
    assert event({}) == Rejected(Reason.MISSING_FIELD, "event_name")
