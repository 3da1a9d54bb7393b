"""The embedded Kafka of `up` is started again when it dies: the same address, the same records."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka
from streamproc.broker.keeper import BrokerKeeper
from streamproc.runtime.client.reading import read_to_end
from tests.kafka_broker import SESSION_MS
from tests.runtime.worker_process import until

pytestmark = pytest.mark.kafka


async def write(bootstrap: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait("kept", value)


async def make_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()


async def read(bootstrap: str) -> list[bytes | None]:
    return [record.value async for record in read_to_end({"bootstrap_servers": bootstrap}, "kept")]


def test_a_broker_that_was_killed_is_back_at_its_address_with_its_records(tmp_path: Path) -> None:
    said: list[str] = []
    with EmbeddedKafka(BrokerSettings(tmp_path / "kafka", session_ms=SESSION_MS)) as broker:
        address = broker.bootstrap
        asyncio.run(make_topic(address))
        asyncio.run(write(address, b"before"))
        keeper = BrokerKeeper(broker, said.append)
        keeper.start()
        broker.kill()
        until(lambda: any("is back" in line for line in said))
        asyncio.run(write(address, b"after"))
        assert asyncio.run(read(address)) == [b"before", b"after"]
        keeper.stop()
    assert len(said) == 2
    assert "has died" in said[0]
    assert said[1] == f"Kafka is back on {address}"
