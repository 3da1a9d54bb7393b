"""What a shop's orders show of its prices."""

from collections import Counter
from pathlib import Path

import orjson
import pytest

from streamproc.events.log import encode_event
from streamproc.events.purchase import OrderPlaced
from streamproc.events.times import epoch_ms, from_epoch_ms
from streamproc.offline.dumps.files import ignore_progress, read_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.price_changes import price_changes, write_price_changes
from tests.builders import NOON_MS, order
from tests.real_orders import RealOrders


def dumped(*orders: OrderPlaced) -> list[DumpedRecord]:
    return [DumpedRecord("shop.purchase.v1", None, epoch_ms(each.occurred_at), encode_event(each)) for each in orders]


def changes(*orders: OrderPlaced) -> list[tuple[float, str, int]]:
    """Of each change the hours after noon, the product and the pounds."""
    said = [(record.timestamp, orjson.loads(record.value or b"")) for record in price_changes(dumped(*orders))]
    return [((at_ms - NOON_MS) / 3_600_000, value["sku"], value["price"] // 10**6) for at_ms, value in said]


def test_the_first_price_and_one_that_took_the_place_of_another_are_told() -> None:
    days = [order("rug", pounds=9), *(order("rug", pounds=7, days=1, hours=hour) for hour in (1, 2))]
    assert changes(*days) == [(0, "rug", 9), (25, "rug", 7)]


@pytest.mark.parametrize("others", [[9, 7, 7], [7]], ids=["somebody pays the old one", "only one order pays it"])
def test_a_discount_for_some_is_no_change(others: list[int]) -> None:
    assert changes(order("rug", pounds=9), *(order("rug", pounds=each, days=1) for each in others)) == [(0, "rug", 9)]


@pytest.mark.slow
def test_the_real_shop_changed_ten_thousand_prices_in_a_year(real_orders: RealOrders, tmp_path: Path) -> None:
    out = tmp_path / "prices.jsonl"
    assert write_price_changes([real_orders.dump], out, ignore_progress) == 14_663
    known: dict[str, int] = {}
    fell: Counter[str] = Counter()
    for record in read_dump(out):
        value = orjson.loads(record.value or b"")
        fell[from_epoch_ms(record.timestamp).strftime("%Y-%m")] += value["price"] <= known.get(value["sku"], 0) * 0.9
        known[value["sku"]] = value["price"]
    assert len(known) == 3_922
    assert [fell[f"2011-{month:02}"] for month in range(1, 13)] == [
        687, 216, 321, 242, 256, 293, 478, 216, 625, 388, 530, 306,
    ]  # fmt: skip
