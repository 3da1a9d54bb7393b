"""Bad input in the live system: each message lands in the dead letters with reason and origin, good ones pass."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from streamproc.processor.api import Record
from streamproc.runtime.client.reading import follow
from tests.system.living_system import LivingSystem

RAW = "shop.clickstream.v1"


def page(**changes: Any) -> bytes:
    event = {
        "event_id": "e",
        "type": "page_viewed",
        "occurred_at": "2026-01-01T00:00:00Z",
        "customer_id": "anna",
        **changes,
    }
    return orjson.dumps({name: value for name, value in event.items() if value != "absent"})


def order(**line: Any) -> bytes:
    lines = [{"sku": "mug", "quantity": 1, "unit_price": 1, **line}]
    return page(type="order_placed", order_id="o", currency="GBP", lines=lines)


BAD: list[tuple[bytes | None, str]] = [
    (None, "tombstone"),
    (b"", "empty"),
    (b"not json", "not_json"),
    (b'{"a":"\xff"}', "not_utf8"),
    (b"\xef\xbb\xbf" + page(), "byte_order_mark"),
    (page(customer_id="a\x00b"), "wrong_value"),
    (b"[]", "not_an_object"),
    (b'"x"', "not_an_object"),
    (b"123", "not_an_object"),
    (b'{"a":NaN}', "not_json"),
    (b'{"a":1e999}', "not_json"),
    (page()[:-1] + b',"type":"page_viewed"}', "duplicate_key"),
    (b"[" * 3000, "too_deep"),
    (page(url="x" * 900_000), "too_large"),
    (page(event_id=[7]), "wrong_value"),
    (page(customer_id="absent"), "missing_id"),
    (page(type="teleported"), "unknown_type"),
    (page(type="absent"), "missing_field"),
    (page(occurred_at="1970-01-01T00:00:00Z"), "time_out_of_range"),
    (page(occurred_at="2100-01-01T00:00:00Z"), "time_out_of_range"),
    (page(occurred_at="2026-01-01T00:00:00"), "wrong_value"),
    (order(unit_price=-1), "wrong_value"),
    (order(unit_price=10**15, quantity=10**7), "wrong_value"),
    (page(customer_id="anonymous"), "missing_id"),
]
GOOD = [page(customer_id="anna"), page(customer_id="🛒", event_id="e2"), page(customer_id="מרים", event_id="e3")]


def test_bad_messages_are_kept_with_their_reason_and_good_ones_between_them_pass(kafka: Any, tmp_path: Path) -> None:
    asyncio.run(bad_and_good(kafka, tmp_path))


async def bad_and_good(kafka: Any, tmp_path: Path) -> None:
    async with LivingSystem(kafka.bootstrap, tmp_path) as system:
        raw, now_ms = system.prefix + RAW, 1_790_000_000_000
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, max_request_size=2 << 20) as producer:
            for value, _ in BAD:
                await producer.send_and_wait(raw, value, b"key", partition=0, timestamp_ms=now_ms)
            for value in GOOD:
                await producer.send_and_wait(raw, value, partition=0, timestamp_ms=now_ms)
        dead = await records(system, f"{RAW}.dlq", len(BAD))
        expected = [(value or None, reason) for value, reason in BAD]
        assert [(r.value or None, header(r, "dlq-reason")) for r in dead] == expected
        assert [int(header(r, "dlq-offset")) for r in dead] == list(range(len(BAD)))
        assert {(r.key, header(r, "dlq-topic"), header(r, "dlq-stage")) for r in dead} == {(b"key", RAW, "collect")}
        logged = await records(system, "shop.customer-events.v1", len(GOOD))
        assert {r.key for r in logged} == {b"c/anna", "c/🛒".encode(), "c/מרים".encode()}
        other = page(url="https://shop.example/other")  # of GOOD's id
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            for _ in range(2):
                await producer.send_and_wait(raw, other, partition=0, timestamp_ms=now_ms)
            await producer.send_and_wait(raw, BAD[2][0], b"key", partition=1, timestamp_ms=now_ms)
        told = (await records(system, f"{RAW}.dlq", len(BAD) + 2))[len(BAD) :]
        assert sorted((header(r, "dlq-reason"), header(r, "dlq-stage"), header(r, "dlq-offset")) for r in told) == [
            ("conflicting_repeat", "decide", str(len(BAD) + len(GOOD))),
            ("not_json", "collect", "0"),
        ]


def test_a_message_that_only_compression_made_small_enough_is_kept_as_far_as_there_is_room(
    kafka: Any, tmp_path: Path
) -> None:
    asyncio.run(a_message_that_only_compression_made_small_enough(kafka, tmp_path))


async def a_message_that_only_compression_made_small_enough(kafka: Any, tmp_path: Path) -> None:
    async with LivingSystem(kafka.bootstrap, tmp_path) as system:
        raw, huge = system.prefix + RAW, page(url="x" * 5_000_000)
        bootstrap, size = kafka.bootstrap, 16 << 20
        headers = [("trace", b"7"), ("empty", None)]
        async with AIOKafkaProducer(
            bootstrap_servers=bootstrap, max_request_size=size, compression_type="gzip"
        ) as producer:
            await producer.send_and_wait(raw, huge, b"key", partition=0, headers=headers)
            await producer.send_and_wait(raw, page(url="x" * 1_048_000), b"key", partition=0, headers=headers)
            await producer.send_and_wait(raw, GOOD[0], partition=0)
        cut, whole = await records(system, f"{RAW}.dlq", 2)
        assert cut.value is not None
        assert huge.startswith(cut.value)
        assert int(header(cut, "dlq-cut")) > len(huge) > len(cut.value) >= 1_000_000
        assert [header(r, "dlq-reason") for r in (cut, whole)] == ["too_large"] * 2
        assert (cut.key, header(cut, "trace"), whole.value) == (b"key", "7", page(url="x" * 1_048_000))
        assert [r.key for r in await records(system, "shop.customer-events.v1", 1)] == [b"c/anna"]


async def records(system: LivingSystem, topic: str, count: int) -> list[Record]:
    """The first records of a topic but marks, as soon as there are enough."""
    found: list[Record] = []
    async with asyncio.timeout(60):
        async for record in follow(system.client, [system.prefix + topic], from_start=True):
            if record.key != b"~":
                found.append(record)
            if len(found) == count:
                return found
    raise AssertionError("unreachable")


def header(record: Record, name: str) -> str:
    return dict(record.headers)[name].decode()


@pytest.mark.parametrize("value", GOOD)
def test_unusual_ids_are_no_reason_to_reject(value: bytes) -> None:
    from streamproc.events.adapters.native import parse
    from streamproc.events.rejected import Rejected

    assert not isinstance(parse(value), Rejected)
