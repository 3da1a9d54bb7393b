"""collect is made to read a raw topic again: all of it stands in the log a second time, and nothing counts twice."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from streamproc.events.topics import LOG_TOPIC, dead_letter_topic
from streamproc.runtime.exits import Exit
from tests.offline.backtest.shop import order
from tests.runtime.deciding import Deciding
from tests.runtime.log_reading import committed_offsets, read_topic
from tests.runtime.worker_process import until

pytestmark = pytest.mark.kafka

PURCHASES = "shop.purchase.v1"
CUSTOMERS = 12


class Shop(Deciding):
    """collect and decide, with orders of every customer in one raw partition."""

    def buy(self, days: Iterable[int], *others: bytes) -> None:
        """Each customer orders once on each of these days; then come other messages."""
        values = [order(day, f"shopper-{number}").value for day in days for number in range(CUSTOMERS)]
        asyncio.run(self._put([*values, *others]))

    async def _put(self, values: Iterable[bytes | None]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for value in values:
                await producer.send(self.on_cluster(PURCHASES), value, partition=0)

    def work(self, stage: str, until_then: Callable[[], bool]) -> None:
        self.stage = stage
        worker = self.worker(name=stage)
        try:
            until(until_then, worker)
            assert worker.terminate() == Exit.DONE
        finally:
            if worker.process.poll() is None:
                worker.kill()

    def collected(self) -> int:
        group = f"{self.prefix}streamproc-collect"
        return asyncio.run(committed_offsets(self.bootstrap, group)).get((self.on_cluster(PURCHASES), 0), 0)

    def said(self, topic: str, kind: bytes) -> list[bytes]:
        """What a topic holds that speaks of this."""
        records = asyncio.run(read_topic(self.bootstrap, self.on_cluster(topic)))
        return [record.value for record in records if record.value and kind in record.value]

    def orders(self) -> list[Any]:
        """The facts of orders."""
        facts = [orjson.loads(fact) for _, fact in self.facts() if b'"fact":"order"' in fact]
        return [fact["position"] for fact in facts]


def test_a_raw_topic_that_is_read_again_is_in_the_log_twice_and_counts_once(kafka: Any, tmp_path: Path) -> None:
    shop = Shop(kafka.bootstrap, tmp_path)
    shop.buy(range(3), b"not json")
    shop.work("collect", lambda: shop.collected() == 3 * CUSTOMERS + 1)
    shop.work("decide", lambda: len(shop.orders()) == 3 * CUSTOMERS)

    told = shop.repair("move", "collect", PURCHASES, "--to", "earliest", "--yes", name="collect")
    assert told.returncode == 0, told.stdout + told.stderr
    again = f"{3 * CUSTOMERS + 1} records are processed again, and their results are written a second time"
    assert again in told.stdout
    shop.buy(range(3, 4))
    shop.work("collect", lambda: shop.collected() == 4 * CUSTOMERS + 1)
    assert len(shop.said(LOG_TOPIC, b'"order_placed"')) == 7 * CUSTOMERS
    assert len(shop.said(dead_letter_topic(PURCHASES), b"not json")) == 2

    shop.work("decide", lambda: len(shop.orders()) >= 4 * CUSTOMERS)
    assert len(shop.orders()) == 4 * CUSTOMERS
    assert {customer.orders for customer in shop.states().values()} == {4}
