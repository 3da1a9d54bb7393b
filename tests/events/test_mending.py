"""An odd order line, or an odd field that nobody needs, never costs the order."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.adapters.native import parse
from streamproc.events.purchase import OrderPlaced, OrderRefunded
from streamproc.events.rejected import Reason, Rejected

LINE = {"sku": "lamp", "quantity": 2, "unit_price": 5_000_000}
ENVELOPE = {"event_id": "e1", "occurred_at": "2024-05-01T12:00:00Z", "customer_id": "ada", "order_id": "o1"}


def read(kind: str = "order_placed", **values: Any) -> Any:
    return parse(orjson.dumps({**ENVELOPE, "type": kind, "currency": "GBP", "lines": [LINE], **values}))


@pytest.mark.parametrize(
    ("odd", "sku", "pounds"),
    [
        ({"sku": None}, "unknown", 10),
        ({"sku": "x" * 65}, "unknown", 10),
        ({"sku": 4711}, "4711", 10),
        ({"quantity": 1.5}, "lamp", 7.5),
        ({"quantity": "2"}, "lamp", 10),
        ({"unit_price": 5_000_000.0}, "lamp", 10),
        ({"category": 7}, "lamp", 10),
        ({"discount": 10_010_000}, "lamp", 0),
        ({"discount": "none"}, "lamp", 10),
    ],
)
def test_an_odd_line_is_kept(odd: dict[str, Any], sku: str, pounds: float) -> None:
    event = read(lines=[LINE, LINE | odd])
    assert isinstance(event, OrderPlaced)
    assert (event.lines[1].sku, event.amount) == (sku, 10_000_000 + round(pounds * 1_000_000))


@pytest.mark.parametrize("odd", [{"quantity": 0}, {"quantity": -1}, {"unit_price": "dear"}, {"unit_price": None}])
def test_a_line_that_sold_nothing_or_for_nobody_knows_what_is_left_out(odd: dict[str, Any]) -> None:
    event = read(lines=[LINE, LINE | odd])
    assert isinstance(event, OrderPlaced)
    assert len(event.lines) == 1


def test_the_amount_paid_decides() -> None:
    event = read(total=12_340_000, lines=[{"sku": "lamp"}])
    assert isinstance(event, OrderPlaced)
    assert (event.amount, event.lines[0].sku) == (12_340_000, "unknown")


@pytest.mark.parametrize("currency", [None, ""])
def test_a_return_as_a_whole_does_not_need_its_currency_and_one_of_an_amount_does(currency: Any) -> None:
    for kind in ("order_cancelled", "order_refunded"):
        assert not isinstance(read(kind, currency=currency, lines=[]), Rejected)
        event = read(kind, currency=currency, lines=[], amount=5_000_000)
        assert isinstance(event, Rejected)
        assert "currency" in event.detail


def test_an_order_of_which_nobody_knows_what_was_paid_is_a_dead_letter() -> None:
    event = read(lines=[{"sku": "lamp"}])
    assert isinstance(event, Rejected)
    assert (event.reason, event.detail) == (Reason.MISSING_FIELD, "lines.0.quantity")


def test_a_refund_whose_lines_cannot_be_read_is_not_taken_for_the_rest_of_the_order() -> None:
    assert isinstance(read("order_refunded", lines=[{"sku": "lamp"}]), Rejected)
    refund = read("order_refunded", lines=[{"sku": "lamp"}], amount=3_000_000.0)
    assert isinstance(refund, OrderRefunded)
    assert (refund.given_back, refund.lines) == (3_000_000, ())


def test_a_currency_in_small_letters_is_that_currency_and_odd_needless_fields_are_dropped() -> None:
    event = read(currency=" gbp", coupon="", cart_id=7)
    assert isinstance(event, OrderPlaced)
    assert (event.currency, event.coupon, event.cart_id) == ("GBP", None, None)


values = st.one_of(st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(), st.text(max_size=80))


@given(st.dictionaries(st.sampled_from(["sku", "quantity", "unit_price", "discount", "category"]), values))
def test_no_line_beside_it_costs_an_order(odd: dict[str, Any]) -> None:
    assert isinstance(read(lines=[LINE, odd]), OrderPlaced)
