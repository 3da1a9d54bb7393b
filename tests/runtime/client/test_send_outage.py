"""Sending while the broker is away: a broker of this file's own is frozen, killed and started again."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka
from streamproc.runtime.client.outbox import CLOSING_SECONDS, SendError
from streamproc.runtime.client.send import Pacing, Sent, send
from tests.runtime.raw_topics import CLICKS, Read, Shop, clicks, run

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka(BrokerSettings(tmp_path_factory.mktemp("kafka"))) as broker:
        yield broker


@pytest.fixture
def shop(broker: EmbeddedKafka) -> Shop:
    shop = Shop(broker.bootstrap)
    asyncio.run(shop.create_topics())
    return shop


@contextmanager
def frozen(broker: EmbeddedKafka) -> Iterator[None]:
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker.pid, signal.SIGCONT)


def sending(shop: Shop, give_up_seconds: float = 60) -> asyncio.Task[Sent]:
    """Send 20,000 events within four seconds, with requests that time out soon."""
    destination = shop.destination(request_timeout_ms=1_000)
    tempo = Pacing(speed=5_000, give_up_seconds=give_up_seconds)
    return asyncio.create_task(send(clicks(20_000), destination, tempo, shop.note))


def all_arrived_once(sent: Sent, read: Read) -> bool:
    values = [record.value for records in read.events.values() for record in records]
    return sent.events == len(values) == len(set(values)) == 20_000


def test_a_broker_that_is_frozen_for_a_while_costs_nothing_but_time(shop: Shop, broker: EmbeddedKafka) -> None:
    async def story() -> tuple[Sent, Read]:
        under_way = sending(shop)
        await asyncio.sleep(1)
        with frozen(broker):
            await asyncio.sleep(3)
        return await under_way, await shop.read(CLICKS)

    assert all_arrived_once(*run(story()))


def test_a_broker_that_crashes_and_comes_back_costs_nothing_but_time(shop: Shop, broker: EmbeddedKafka) -> None:
    async def story() -> tuple[Sent, Read]:
        under_way = sending(shop)
        await asyncio.sleep(1)
        broker.kill()
        await asyncio.sleep(2)
        await asyncio.to_thread(broker.start)
        return await under_way, await shop.read(CLICKS)

    assert all_arrived_once(*run(story()))


def test_a_broker_that_stays_away_ends_it_in_bounded_time(shop: Shop, broker: EmbeddedKafka) -> None:
    async def story() -> float:
        under_way = sending(shop, give_up_seconds=2)
        await asyncio.sleep(1)
        with frozen(broker):
            began = time.monotonic()
            with pytest.raises(SendError, match=r"no acknowledgement from .* \d+ records are open"):
                await under_way
            return time.monotonic() - began

    assert run(story()) < 10


def test_an_interruption_while_the_broker_is_away_does_not_wait_for_it(shop: Shop, broker: EmbeddedKafka) -> None:
    async def story() -> float:
        under_way = sending(shop)
        await asyncio.sleep(1)
        with frozen(broker):
            await asyncio.sleep(0.5)
            began = time.monotonic()
            under_way.cancel()
            with pytest.raises(asyncio.CancelledError):
                await under_way
            return time.monotonic() - began

    assert run(story()) < CLOSING_SECONDS + 5
