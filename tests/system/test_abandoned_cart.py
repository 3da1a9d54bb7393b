"""An abandoned cart in the live system: one trigger after the delay, none if the purchase came first."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.offline.dumps.record import DumpedRecord
from tests.system.living_system import LivingSystem

TRIGGERS = "marketing.triggers.abandoned-cart.v1"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAMILY = {"cart_added": "clickstream", "page_viewed": "clickstream", "order_placed": "purchase"}


def happened(customer: str, kind: str, minutes: float, **fields: Any) -> DumpedRecord:
    at = NOON + timedelta(minutes=minutes)
    event = {
        "event_id": f"{customer}-{kind}-{minutes}",
        "type": kind,
        "occurred_at": at.isoformat(),
        "customer_id": customer,
        **fields,
    }
    topic = f"shop.{FAMILY.get(kind, 'profile')}.v1"
    return DumpedRecord(topic, customer.encode(), int(at.timestamp() * 1000), orjson.dumps(event))


def consented(customer: str) -> DumpedRecord:
    return happened(customer, "consent_changed", 0, channel="email", granted=True)


def bought(customer: str, minutes: float) -> DumpedRecord:
    line = {"sku": "mug", "quantity": 1, "unit_price": 5_000_000}
    return happened(customer, "order_placed", minutes, order_id=f"o-{customer}", currency="GBP", lines=[line])


def count(number: int) -> Any:
    return lambda seen: len(seen) >= number


@pytest.mark.kafka
def test_an_abandoned_cart_gives_one_trigger_and_a_bought_one_none(kafka: Any, tmp_path: Path) -> None:
    asyncio.run(an_abandoned_cart_gives_one_trigger_and_a_bought_one_none(kafka, tmp_path))


async def an_abandoned_cart_gives_one_trigger_and_a_bought_one_none(kafka: Any, tmp_path: Path) -> None:
    async with LivingSystem(kafka.bootstrap, tmp_path) as system:
        await system.send(
            [
                consented("anna"),
                consented("bert"),
                happened("anna", "cart_added", 1, sku="mug"),
                happened("bert", "cart_added", 1, sku="mug"),
                bought("bert", 30),
                happened("cleo", "page_viewed", 200),
            ],
            timedelta(hours=3),
        )
        seen = await system.until(TRIGGERS, count(1))
        assert [(t["customer_id"], t["at"]) for t in seen] == [("anna", "2026-03-01T13:01:00Z")]
        tail = await system.run("tail", "triggers", "--from-start", "--no-follow")
        assert "2026-03-01T13:01 trigger   abandoned_cart -> customer anna by email (cart_lines 1)" in tail
        known = await system.run("customer", "anna")
        assert re.search(r"cart +1 x mug", known)
        assert re.search(r"messages +abandoned_cart +2026-03-01T13:01:00Z", known)
        await system.send([happened("cleo", "page_viewed", 2000), happened("dora", "page_viewed", 2001)])
        await system.until("marketing.kpis.v1", lambda kpis: any(k["window"] == "day" for k in kpis))
        assert [t["customer_id"] for t in await system.read(TRIGGERS)] == ["anna"]


@pytest.mark.kafka
@pytest.mark.parametrize("stage", ["collect", "decide"])
def test_it_fires_late_and_never_wrongly_when_a_worker_was_down(kafka: Any, tmp_path: Path, stage: str) -> None:
    asyncio.run(it_fires_late_and_never_wrongly_when_a_worker_was_down(kafka, tmp_path, stage))


async def it_fires_late_and_never_wrongly_when_a_worker_was_down(kafka: Any, tmp_path: Path, stage: str) -> None:
    async with LivingSystem(kafka.bootstrap, tmp_path) as system:
        await system.send(
            [
                consented("anna"),
                consented("bert"),
                happened("anna", "cart_added", 1, sku="mug"),
                happened("bert", "cart_added", 1, sku="mug"),
            ]
        )
        await system.until("streamproc.facts.v1", count(2))
        system.kill(stage)
        await system.send([bought("bert", 30), happened("cleo", "page_viewed", 200)], timedelta(hours=3))
        seen = await system.until(TRIGGERS, count(1))
        assert [(t["customer_id"], t["at"]) for t in seen] == [("anna", "2026-03-01T13:01:00Z")]
        await system.until("streamproc.facts.v1", lambda facts: any(f.get("through_ms", 0) > 0 for f in facts))
        assert [t["customer_id"] for t in await system.read(TRIGGERS)] == ["anna"]
