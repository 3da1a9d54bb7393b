"""One person under many ids in the live system: one customer, one order, the right money, and no mail afterwards."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.offline.dumps.record import DumpedRecord
from tests.system.living_system import LivingSystem

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPICS = {"cart_added": "clickstream", "page_viewed": "clickstream", "unsubscribed": "email"}
ADDRESS = "anna@example.org"


def happened(kind: str, minutes: float, **fields: Any) -> DumpedRecord:
    at = NOON + timedelta(minutes=minutes)
    event = {"event_id": f"{kind}-{minutes}", "type": kind, "occurred_at": at.isoformat(), **fields}
    topic = TOPICS.get(kind) or ("purchase" if kind.startswith("order_") else "profile")
    return DumpedRecord(f"shop.{topic}.v1", None, int(at.timestamp() * 1000), orjson.dumps(event))


def story() -> list[DumpedRecord]:
    """A visitor's cart, a login on the second device, a guest's order, a refund, an unsubscription, another cart."""
    line = {"sku": "mug", "quantity": 2, "unit_price": 5_000_000}
    return [
        happened("consent_changed", 0, customer_id="anna", channel="email", granted=True),
        happened("identified", 1, customer_id="anna", traits={"email": ADDRESS}),
        happened("cart_added", 2, anonymous_id="phone", sku="mug"),
        happened("linked", 5, customer_id="anna", anonymous_id="laptop"),
        happened("linked", 6, customer_id="anna", anonymous_id="phone"),
        happened("order_placed", 30, order_id="o-7", currency="GBP", lines=[line], email=ADDRESS),
        happened("order_refunded", 300, order_id="o-7", currency="GBP", amount=4_000_000, refund_id="r-1"),
        happened("unsubscribed", 400, message_id="m-9", email=ADDRESS),
        happened("cart_added", 500, anonymous_id="laptop", sku="rug"),
    ]


def newest(kpis: list[dict[str, Any]], name: str) -> float | None:
    values = [kpi["value"] for kpi in kpis if kpi["kpi"] == name and kpi["window"] == "total"]
    return values[-1] if values else None


def is_one_order_of_six_pounds(kpis: list[dict[str, Any]]) -> bool:
    return (newest(kpis, "orders"), newest(kpis, "net_revenue")) == (1, 6_000_000)


def of_the_cart(refused: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["customer_id"], each["reason"]) for each in refused if each["trigger"] == "abandoned_cart"]


@pytest.mark.kafka
@pytest.mark.parametrize("killed", [False, True])
def test_whatever_ids_somebody_comes_under_it_is_one_customer(kafka: Any, tmp_path: Path, *, killed: bool) -> None:
    asyncio.run(whatever_ids_somebody_comes_under_it_is_one_customer(kafka, tmp_path, killed=killed))


async def whatever_ids_somebody_comes_under_it_is_one_customer(kafka: Any, tmp_path: Path, *, killed: bool) -> None:
    async with LivingSystem(kafka.bootstrap, tmp_path) as system:
        told = story()
        await system.send(told[:5])
        await system.until("streamproc.facts.v1", lambda facts: any(f.get("fact") == "cart_created" for f in facts))
        if killed:
            system.kill("decide")
        await system.send([*told[5:], happened("page_viewed", 3000, customer_id="zoe")], timedelta(days=3))
        refused = await system.until("marketing.suppressions.v1", lambda seen: bool(of_the_cart(seen)))
        assert of_the_cart(refused) == [("anna", "no_consent")]
        # what is counted after event time has come to its end is published when it moves on
        await system.send([happened("page_viewed", 9000, customer_id="zoe")], timedelta(days=3))
        await system.until("marketing.kpis.v1", is_one_order_of_six_pounds)
        assert [t["customer_id"] for t in await system.read("marketing.triggers.abandoned-cart.v1")] == []
        known = await system.run("customer", ADDRESS)
        assert "stands for customer anna" in known
        assert "1, 10.00 before returns" in known
        assert await system.run("customer", "o/o-7") != ""
