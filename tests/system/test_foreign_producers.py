"""Kafka as others use it: transactions, serializers, connectors and keys of their own, and topics that set the time."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from streamproc.events.times import DAY_MS, parse_rfc3339, rfc3339
from streamproc.runtime.topics import admin as topics
from streamproc.runtime.topics.configs import change_configs
from tests.system.living_system import LivingSystem
from tests.system.test_abandoned_cart import happened
from tests.system.test_dead_letters import RAW, header, page, records

pytestmark = pytest.mark.kafka

LOG = "shop.customer-events.v1"
KEYS = [None, b"", b"\xff\x00", b"c/somebody-else", bytes(200_000)]


def test_what_other_clients_write_is_read_as_what_it_is(kafka: Any, tmp_path: Path) -> None:
    asyncio.run(what_other_clients_write(kafka.bootstrap, tmp_path))


async def what_other_clients_write(bootstrap: str, folder: Path) -> None:
    framed = b"\0\0\0\0\7" + page(customer_id="framed")
    connect = b'{"schema":null,"payload":' + page(customer_id="connect") + b"}"
    change = orjson.dumps({"op": "u", "before": None, "after": {"id": 1}, "source": {}, "ts_ms": 1})
    async with LivingSystem(bootstrap, folder) as system:
        raw = system.prefix + RAW
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{raw}-theirs") as theirs:
            await in_transaction(theirs, raw, [page(customer_id="aborted"), b"aborted"], commit=False)
            await in_transaction(theirs, raw, [page(customer_id="committed")], commit=True)
            await in_transaction(theirs, raw, [framed, connect, b"\0\0\0\0\7\2\6abc", change, None], commit=True)
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            for number, key in enumerate(KEYS):
                await producer.send_and_wait(raw, page(customer_id=f"k{number}"), key, partition=0)
        logged = await records(system, LOG, 3 + len(KEYS))
        assert sorted(each.key or b"" for each in logged) == [
            b"c/committed", b"c/connect", b"c/framed", *(b"c/k%d" % number for number in range(len(KEYS)))
        ]  # fmt: skip
        dead = await records(system, f"{RAW}.dlq", 3)
        assert [header(each, "dlq-reason") for each in dead] == ["binary_format", "change_record", "tombstone"]
        assert [each.value for each in dead] == [b"\0\0\0\0\7\2\6abc", change, None]
        assert system.child("collect").failures == 0


async def in_transaction(
    producer: AIOKafkaProducer, topic: str, values: Iterable[bytes | None], *, commit: bool
) -> None:
    await producer.begin_transaction()
    for value in values:
        await producer.send_and_wait(topic, value, key=b"theirs", partition=0)
    await (producer.commit_transaction() if commit else producer.abort_transaction())


def test_in_a_topic_that_sets_the_time_an_event_is_received_when_it_came_and_the_past_when_it_was_told(
    kafka: Any, tmp_path: Path
) -> None:
    asyncio.run(in_a_topic_that_sets_the_time(kafka.bootstrap, tmp_path))


async def in_a_topic_that_sets_the_time(bootstrap: str, folder: Path) -> None:
    past, began_ms = happened("past", "page_viewed", 1), time.time_ns() // 1_000_000
    yesterday = rfc3339(began_ms - DAY_MS)
    corrected = {"sent_at": yesterday, "occurred_at": rfc3339(began_ms - DAY_MS - 60_000)}
    async with LivingSystem(bootstrap, folder) as system:
        await let_brokers_set_the_time(system)
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            for customer, times in (("believed", {"occurred_at": yesterday}), ("corrected", corrected)):
                value = page(customer_id=customer, **times)
                await producer.send_and_wait(system.prefix + RAW, value, partition=0, timestamp_ms=1)
        await system.send([past])
        logged = {each.key: orjson.loads(each.value or b"") for each in await records(system, LOG, 3)}
    at = {key: tuple(parse_rfc3339(record[name]) for name in ("at", "received_at")) for key, record in logged.items()}
    assert at[b"c/past"] == (past.timestamp, past.timestamp)
    assert at[b"c/believed"][0] == began_ms - DAY_MS
    assert at[b"c/believed"][1] >= began_ms
    assert at[b"c/corrected"][0] == at[b"c/corrected"][1] - 60_000


async def let_brokers_set_the_time(system: LivingSystem) -> None:
    """Whatever a producer says; `topics plan` tells of it as soon as Kafka does."""
    names = [system.prefix + topic for topic in system.configuration.app.collect.topics]
    wanted = {name: {"message.timestamp.type": ("LogAppendTime", "CreateTime")} for name in names}
    admin = AIOKafkaAdminClient(**system.client)
    await admin.start()
    try:
        assert not await change_configs(admin, {name: {"message.timestamp.type": "LogAppendTime"} for name in names})
    finally:
        await admin.close()
    async with asyncio.timeout(30):
        while await changes(system) != wanted:  # noqa: ASYNC110  Kafka tells nobody
            await asyncio.sleep(0.05)


async def changes(system: LivingSystem) -> dict[str, dict[str, tuple[str | None, str]]]:
    """What `topics plan` would change."""
    plan = await topics.plan(system.client, system.configuration.catalogue)
    return {change.name: dict(change.configs) for change in plan.changes}
