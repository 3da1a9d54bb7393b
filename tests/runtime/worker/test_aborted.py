"""What a transaction wrote that was not committed has never been there: not for who reads, not for who recovers."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streamproc.runtime.exits import Exit
from tests.runtime.counted import assert_counted_once, recovered_afresh
from tests.runtime.counting_stage import CODEC
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = pytest.mark.kafka

EVENTS = 100
KEY = b"k1"


async def write_in_vain(servers: str, topic: str, value: bytes) -> None:
    """A record of a transaction that is aborted, and its marker: Kafka says so before that one is written."""
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=f"{topic}-in-vain") as producer:
        await producer.begin_transaction()
        written = await producer.send_and_wait(topic, value, key=KEY, partition=0)
        await producer.abort_transaction()
    place = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=servers, isolation_level="read_committed") as reader:
        while (await reader.end_offsets([place]))[place] <= written.offset + 1:  # noqa: ASYNC110  Kafka tells nobody
            await asyncio.sleep(0.05)


def test_aborted_records_are_neither_counted_nor_recovered(kafka: Any, tmp_path: Path) -> None:
    servers, prefix = kafka.bootstrap, f"a{uuid4().hex[:8]}."
    asyncio.run(create_topics(servers, dict.fromkeys((f"{prefix}events{kind}" for kind in ("", ".state", ".tens")), 1)))
    wanted = {"servers": servers, "prefix": prefix, "sources": ["events"]}
    asyncio.run(write_in_vain(servers, f"{prefix}events", b"-1"))
    asyncio.run(send_events(servers, f"{prefix}events", 1, range(EVENTS)))
    end = EVENTS + 2  # the aborted record and its marker
    with WorkerProcess(tmp_path / "1", wanted) as worker:
        until(lambda: end in asyncio.run(committed_offsets(servers, f"{prefix}streamproc-counting")).values(), worker)
        assert worker.terminate() == Exit.DONE
    expected = assert_counted_once(servers, prefix, "events")
    asyncio.run(write_in_vain(servers, f"{prefix}events.state", CODEC.encode((9_999, 0))))
    assert recovered_afresh(tmp_path / "2", wanted, 1) == expected.states
