"""First orders as probes: when each was produced, when collect and decide wrote what comes of it, when it was read."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from aiokafka import AIOKafkaProducer

from streamproc.events.times import rfc3339
from streamproc.events.topics import LOG_TOPIC, trigger_topic
from streamproc.runtime.client.reading import follow, read_to_end
from tests.system.living_system import LivingSystem

NAME = "probe-"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Probe:
    """Milliseconds of one first order, from one moment to the next."""

    in_collect: float
    to_decide: float
    to_reader: float

    @property
    def whole(self) -> float:
        """From producing it to its trigger in the hands of a reader."""
        return self.in_collect + self.to_decide + self.to_reader


PARTS = {
    "in_collect": "produced … collect's transaction begins",
    "to_decide": "… decide's transaction begins",
    "to_reader": "… read",
    "whole": "produced … read",
}


@dataclass(frozen=True)
class Sent:
    """When each probe was produced, and its trigger written and read, by customer; seconds."""

    produced: dict[str, float]
    written: dict[str, float]
    read: dict[str, float]


def consents(probes: int) -> Iterator[dict[str, object]]:
    """Without which there is no trigger."""
    said = {"type": "consent_changed", "channel": "email", "granted": True}
    for name in _names(probes):
        yield _common() | said | {"event_id": f"{name}-c", "customer_id": name}


async def first_orders(system: LivingSystem, probes: int, seconds: float) -> Sent:
    """Produce them at even distances, and read their triggers."""
    sent = Sent({}, {}, {})
    reading = asyncio.create_task(_read_triggers(system, sent))
    await asyncio.sleep(1)
    async with AIOKafkaProducer(**system.client, linger_ms=0) as producer:
        for name in _names(probes):
            sent.produced[name] = time.time()
            await producer.send(system.prefix + "shop.purchase.v1", orjson.dumps(_order(name)), name.encode())
            await asyncio.sleep(seconds / probes)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(sent.read) < probes:  # noqa: ASYNC110  they are read beside us
            await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return sent


async def timed(system: LivingSystem, sent: Sent) -> Sequence[Probe]:
    """What each waited for: a record of a transaction has the time at which that began."""
    collected: dict[str, float] = {}
    async for record in read_to_end(system.client, system.prefix + LOG_TOPIC):
        if record.key and record.key.startswith(f"c/{NAME}".encode()) and b"order_placed" in (record.value or b""):
            collected[record.key[2:].decode()] = record.timestamp / 1000
    return [
        Probe(
            1000 * (at - sent.produced[name]),
            1000 * (sent.written[name] - at),
            1000 * (sent.read[name] - sent.written[name]),
        )
        for name, at in collected.items()
    ]


def at_share(found: Sequence[float], share: float) -> int:
    """What so many do not exceed."""
    return round(sorted(found)[min(len(found) - 1, int(share * len(found)))])


async def _read_triggers(system: LivingSystem, sent: Sent) -> None:
    async for record in follow(system.client, [system.prefix + trigger_topic("first_order")], from_start=False):
        customer = (record.key or b"").decode().removeprefix("c/")
        if customer in sent.produced:
            sent.read[customer], sent.written[customer] = time.time(), record.timestamp / 1000


def _names(probes: int) -> list[str]:
    return [f"{NAME}{number:05d}" for number in range(probes)]


def _common() -> dict[str, object]:
    return {"occurred_at": rfc3339(time.time_ns() // 1_000_000)}


def _order(name: str) -> dict[str, object]:
    line = {"sku": "mug", "quantity": 1, "unit_price": 5_000_000}
    said = {"event_id": name, "type": "order_placed", "customer_id": name, "order_id": name, "currency": "GBP"}
    return _common() | said | {"lines": [line]}
