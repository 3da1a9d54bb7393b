"""A shop's price changes, as its own orders show them: for those who have orders and no history of the catalogue.

A price has changed on the day on which nobody pays the old one any more, and at least two orders pay another: the one
that most pay, the higher if as many pay another. So neither a discount for large quantities nor a wrong line is a
change. It changed with the first order of the day that paid it; the first price of a product is told, too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from streamproc.events.adapters.native import parse
from streamproc.events.catalogue import ProductChanged
from streamproc.events.log import encode_event
from streamproc.events.mending import UNKNOWN_SKU
from streamproc.events.purchase import OrderPlaced
from streamproc.events.times import DAY_MS, from_epoch_ms
from streamproc.events.topics import raw_topic
from streamproc.offline.dumps.files import OnProgress, merge_dumps, write_dump
from streamproc.offline.dumps.record import DumpedRecord

LEAST = 2
"""So many orders of a day must pay another price."""

Price = tuple[int, str]
"""Micros, currency."""


def write_price_changes(orders: Iterable[Path], out_path: Path, on_progress: OnProgress) -> int:
    """Write the changes that dumps of orders show as a dump of their own; how many there are.

    Raises:
        DumpError: a dump cannot be read or is not in time order.
    """
    return write_dump(out_path, price_changes(merge_dumps(list(orders))), on_progress)


def price_changes(records: Iterable[DumpedRecord]) -> Iterator[DumpedRecord]:
    """The changes, in the order of their times; memory holds a day of orders and a price for each product.

    Args:
        records: orders among others, in time order.
    """
    known: dict[str, Price] = {}
    for _, day in groupby(records, key=lambda record: record.timestamp // DAY_MS):
        found = [change for sku, paid in _paid(day).items() if (change := _change(sku, paid, known)) is not None]
        for at_ms, sku in sorted(found):
            yield _record(sku, at_ms, known[sku])


class _Paid:
    """What the orders of a day pay for a product: how many so much, and since when."""

    def __init__(self) -> None:
        self.orders: Counter[Price] = Counter()
        self.since_ms: dict[Price, int] = {}


def _paid(day: Iterable[DumpedRecord]) -> dict[str, _Paid]:
    found: dict[str, _Paid] = defaultdict(_Paid)
    for record in day:
        order = parse(record.value)
        if isinstance(order, OrderPlaced):
            for sku, micros in {(line.sku, line.unit_price) for line in order.lines if line.unit_price > 0}:
                price = micros, order.currency
                found[sku].orders[price] += 1
                found[sku].since_ms.setdefault(price, record.timestamp)
    found.pop(UNKNOWN_SKU, None)
    return found


def _change(sku: str, paid: _Paid, known: dict[str, Price]) -> tuple[int, str] | None:
    """When the price of a product changed on a day; `known` is what it costs after that."""
    price = max(paid.orders, key=lambda each: (paid.orders[each], each))
    if sku in known and (known[sku] in paid.orders or paid.orders[price] < LEAST):
        return None
    known[sku] = price
    return paid.since_ms[price], sku


def _record(sku: str, at_ms: int, price: Price) -> DumpedRecord:
    micros, currency = price
    event = ProductChanged(
        event_id=f"price-{sku}-{at_ms}", occurred_at=from_epoch_ms(at_ms), sku=sku, price=micros, currency=currency,
        source="orders",
    )  # fmt: skip
    return DumpedRecord(raw_topic(ProductChanged), sku.encode(), at_ms, encode_event(event))
