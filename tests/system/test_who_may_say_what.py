"""What a page in anybody's browser can do to a customer: nothing but browse, whatever it writes to the clickstream."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.offline.dumps.record import DumpedRecord
from streamproc.runtime.client.reading import read_to_end
from tests.system.living_system import LivingSystem

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLICKS, PURCHASE, PROFILE = "shop.clickstream.v1", "shop.purchase.v1", "shop.profile.v1"
ALICE, PAGE, LIAR = {"customer_id": "alice"}, {"anonymous_id": "alice"}, {"customer_id": "alice", "anonymous_id": "x"}
MUG = {"sku": "mug", "quantity": 1, "unit_price": 5_000_000}


def said(topic: str, kind: str, minutes: float, whose: dict[str, str], **fields: Any) -> DumpedRecord:
    at = NOON + timedelta(minutes=minutes)
    event = {"event_id": f"e{minutes}", "type": kind, "occurred_at": at.isoformat(), **whose, **fields}
    return DumpedRecord(topic, None, int(at.timestamp() * 1000), orjson.dumps(event))


def ordered(topic: str, minutes: float, whose: dict[str, str], **fields: Any) -> DumpedRecord:
    return said(
        topic, "order_placed", minutes, whose, **{"order_id": f"o{minutes}", "currency": "GBP", "lines": [MUG]} | fields
    )


def facts(wanted: str, count: int) -> Any:
    return lambda seen: sum(fact.get("fact") == wanted for fact in seen) >= count


@pytest.mark.kafka
def test_a_page_can_neither_order_nor_consent_nor_erase_nor_suppress_for_a_customer(kafka: Any, tmp_path: Path) -> None:
    asyncio.run(a_page_can_neither_order_nor_consent_nor_erase_nor_suppress_for_a_customer(kafka, tmp_path))


async def a_page_can_neither_order_nor_consent_nor_erase_nor_suppress_for_a_customer(
    kafka: Any, tmp_path: Path
) -> None:
    forged = [
        event
        for minutes, whose in ((20, PAGE), (30, LIAR))
        for event in (
            said(CLICKS, "consent_changed", minutes, whose, channel="email", granted=True),
            ordered(CLICKS, minutes + 1, whose, lines=[MUG | {"unit_price": 10**15}]),
            said(CLICKS, "identified", minutes + 2, whose, traits={"name": "Mallory"}),
            said(CLICKS, "erasure_requested", minutes + 3, whose),
            said(CLICKS, "unsubscribed", minutes + 4, whose, message_id="m1"),
        )
    ]
    async with LivingSystem(kafka.bootstrap, tmp_path) as system:
        await system.send(
            [
                said(PROFILE, "consent_changed", 1, ALICE, channel="email", granted=False),
                ordered(PURCHASE, 2, ALICE),
                *forged,
                said(CLICKS, "page_viewed", 40, PAGE, event_id="guessed"),
                said(CLICKS, "page_viewed", 41, LIAR, event_id="guessed"),
            ]
        )
        await system.until("streamproc.facts.v1", facts("page_view", 2))
        await system.send([ordered(PURCHASE, 50, ALICE, event_id="guessed")], timedelta(hours=1))
        await system.until("streamproc.facts.v1", facts("order", 2))
        dead = [r async for r in read_to_end(system.client, f"{system.prefix}{CLICKS}.dlq")]
        assert {dict(record.headers)["dlq-reason"] for record in dead} == {b"wrong_topic"}
        assert sorted(r.value or b"" for r in dead) == sorted(event.value or b"" for event in forged)
        alice = await system.run("customer", "alice")
        assert alice.startswith("customer alice")
        assert re.search(r"orders +2, 10\.00 before returns", alice)
        known = orjson.loads(await system.run("customer", "alice", "--json"))
        assert [(each["for"], each["granted"]) for each in known["consents"]] == [("marketing:email", False)]
        assert known["who"]["traits"] == []
        visitor = await system.run("customer", "a/alice")
        assert visitor.startswith("visitor alice")
        assert re.search(r"orders +0,", visitor)
