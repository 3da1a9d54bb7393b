"""The kinds of values that mappings know are those of the events' contracts, however these are written."""

import pytest

from streamproc.offline.tables.contract import LINE_PARTS, Kind, fields_of


@pytest.mark.parametrize(
    ("event", "field", "kind"),
    [
        ("order_placed", "total", "money"),
        ("order_placed", "order_id", "id"),
        ("order_placed", "coupon", "text"),
        ("order_refunded", "amount", "money"),
        ("order_cancelled", "amount", "money"),
        ("cart_added", "quantity", "number"),
        ("cart_added", "unit_price", "money"),
        ("opened", "is_machine", "flag"),
        ("page_viewed", "sent_at", "time"),
        ("page_viewed", "customer_id", "id"),
        ("consent_changed", "granted", "flag"),
    ],
)
def test_each_field_has_the_kind_of_its_contract(event: str, field: str, kind: Kind) -> None:
    assert fields_of(event)[field] == kind


def test_the_parts_of_a_line_are_money_but_for_product_and_quantity() -> None:
    money = dict.fromkeys(("unit_price", "discount", "amount"), "money")
    words = {**dict.fromkeys(("sku", "variant", "product_id", "category"), "text"), "quantity": "number"}
    assert words | money == LINE_PARTS
