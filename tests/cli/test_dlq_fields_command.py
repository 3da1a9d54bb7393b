"""Which field cost how many events, and which was mended how often: what a producer is told."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner

from streamproc.cli import main
from streamproc.collect.clean import clean
from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.events.rejected import Rejected
from streamproc.metrics import Metrics
from streamproc.processor.headers import dead_letter
from streamproc.runtime.telemetry.health import Health
from streamproc.runtime.telemetry.stages import MeteredCollect
from streamproc.runtime.telemetry.web import serve_pages
from tests.builders import NOON_MS, raw
from tests.measure.measuring import Read

pytestmark = pytest.mark.kafka

TOPIC = "shop.clickstream.v1"
CLICKS = RawTopic(TOPIC, frozenset({"clickstream"}))
CART: dict[str, Any] = {"type": "cart_added", "sku": "mug"}
BAD = [
    raw(occurred_at="yesterday"), raw(occurred_at="tomorrow"), raw(occurred_at="1999-01-01T00:00:00Z"),
    raw(customer_id=None), raw(customer_id="guest"), raw(type="teleported"), raw(type=None),
    raw(**CART | {"sku": None}), raw(type="cart_updated", lines="all"), b"no JSON", raw(type="erasure_requested"),
]  # fmt: skip
REJECTED = [
    ("page_viewed", "occurred_at", "wrong_value", 2),
    ("page_viewed", "occurred_at", "time_out_of_range", 1),
    ("page_viewed", "customer_id", "missing_id", 2),
    ("unknown", "type", "unknown_type", 1),
    ("unknown", "type", "missing_field", 1),
    ("cart_added", "sku", "missing_field", 1),
    ("cart_updated", "lines", "wrong_value", 1),
]


class Desk:
    """The command, against topics of its own."""

    def __init__(self, bootstrap: str) -> None:
        self.client, self.prefix = {"bootstrap_servers": bootstrap}, f"f{uuid.uuid4().hex[:8]}."
        self._environ = {"STREAMPROC_KAFKA__BOOTSTRAP": bootstrap, "STREAMPROC_KAFKA__PREFIX": self.prefix}
        assert CliRunner().invoke(main, ["topics", "apply", "--yes"], env=self._environ).exit_code == 0

    def fields(self, *words: str, **environ: str) -> list[str]:
        result = CliRunner().invoke(main, ["dlq", "fields", *words], env=self._environ | {"COLUMNS": "200"} | environ)
        assert result.exit_code == 0, result.output
        return [" ".join(line.split()) for line in result.output.splitlines()]

    async def reject(self, *messages: bytes) -> None:
        """As collect does."""
        async with AIOKafkaProducer(**self.client) as producer:
            for offset, message in enumerate(messages):
                record = Read(TOPIC, message, 0, offset, NOON_MS)
                [said] = CLICKS.read(message, ())
                rejected = clean(said, NOON_MS, CollectSettings(), CLICKS)
                assert isinstance(rejected, Rejected)
                letter = dead_letter(rejected, TOPIC, record, "collect")
                headers = [(name, value or b"") for name, value in letter.headers]
                await producer.send_and_wait(f"{self.prefix}{TOPIC}.dlq", message, partition=0, headers=headers)


@pytest.fixture
def desk(kafka: Any) -> Desk:
    return Desk(kafka.bootstrap)


@pytest.fixture
def worker() -> Iterator[str]:
    """Where a collect worker answers that has mended two fields."""
    metrics = Metrics()
    watch = MeteredCollect(metrics)
    for fields in (("price", "url"), ("url",)):
        watch.mended(TOPIC, "product_viewed", fields)
    watch.mended("shop.email.v1", "opened", ("campaign_id",))
    server = serve_pages("127.0.0.1", 0, metrics.registry, Health())
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_fields_that_cost_events_and_fields_that_were_mended_are_counted(desk: Desk, worker: str) -> None:
    asyncio.run(desk.reject(*BAD))
    header, *lines = desk.fields(TOPIC, "--worker", worker)
    assert header == "topic type field what became of it events"
    expected = [f"{TOPIC} {kind} {field} rejected: {reason} {often}" for kind, field, reason, often in REJECTED]
    mended = [f"{TOPIC} product_viewed {field} mended {often}" for field, often in (("url", 2), ("price", 1))]
    assert sorted(lines) == sorted([*expected, *mended])


def test_of_two_workers_what_both_have_mended_is_added_up(desk: Desk, worker: str) -> None:
    assert "shop.email.v1 opened campaign_id mended 2" in desk.fields("--worker", worker, "--worker", worker)


def test_without_a_worker_it_is_said_that_what_was_mended_is_unknown(desk: Desk) -> None:
    asyncio.run(desk.reject(raw(occurred_at="yesterday")))
    for first_port, why in (("1", "no collect worker answers at 127.0.0.1:1"), ("0", "on any free port")):
        lines = desk.fields(STREAMPROC_METRICS__FIRST_PORT=first_port)
        assert f"{TOPIC} page_viewed occurred_at rejected: wrong_value 1" in lines
        assert lines[-1].startswith("what was mended is unknown: ")
        assert why in lines[-1]
