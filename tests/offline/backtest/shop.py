"""A small shop for backtests: dumps of orders, and what is found out of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import orjson

from streamproc.offline.backtest.orders import Behaviour, Order
from streamproc.offline.dumps.files import write_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.setup import ReplayConfig, setup_of
from streamproc.settings.load import load

ROOT = Path(__file__).parents[3]
START = datetime(2024, 1, 1, 9, tzinfo=UTC)


def ms(day: float) -> int:
    """A moment, in days after the start."""
    return int((START + timedelta(days=day)).timestamp() * 1000)


def order(day: float, customer: str = "ada", *skus: str) -> DumpedRecord:
    """A paid order."""
    number = f"{customer}-{day}"
    value: dict[str, Any] = {
        "event_id": number,
        "type": "order_placed",
        "occurred_at": (START + timedelta(days=day)).isoformat(),
        "customer_id": customer,
        "order_id": number,
        "currency": "GBP",
        "lines": [{"sku": sku, "quantity": 1, "unit_price": 5_000_000} for sku in skus or ("mug",)],
    }
    return DumpedRecord("shop.purchase.v1", customer.encode(), ms(day), orjson.dumps(value))


def some_orders(customers: int = 60, days: int = 120) -> list[DumpedRecord]:
    """Customers with rhythms of their own, some of whom stop."""
    dice = Random(3)
    records = []
    for number in range(customers):
        gap, end = dice.uniform(3, 25), dice.choice([days, days, dice.uniform(10, days)])
        day = dice.uniform(0, 20)
        while day < end:
            records.append(order(round(day, 3), f"c{number}"))
            day += dice.expovariate(1 / gap)
    return sorted(records, key=lambda record: record.timestamp)


def dumped(folder: Path, records: Iterable[DumpedRecord], name: str = "orders.jsonl") -> Path:
    """The records as a dump."""
    write_dump(folder / name, sorted(records, key=lambda record: record.timestamp))
    return folder / name


@cache
def setup() -> ReplayConfig:
    """The shipped configuration."""
    return setup_of(load(ROOT / "config", ROOT / "topics"), b"a signing key")


def behaviour(*orders: tuple[float, str, tuple[str, ...]], through: float = 1_000) -> Behaviour:
    """What customers did: day, customer, products."""
    found = Behaviour(through_ms=ms(through))
    for number, (day, customer, skus) in enumerate(sorted(orders)):
        placed = Order(ms(day), customer, str(number), skus, frozenset())
        found.orders.append(placed)
        found.by_customer[customer].append(placed)
    return found
