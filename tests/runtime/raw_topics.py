"""Raw topics of a test's own in a real Kafka: made, sent to and read."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streamproc.events.adapters.native import parse
from streamproc.events.source import SourceProgressed
from streamproc.events.times import epoch_ms
from streamproc.runtime.client.send import Destination, Pacing, Sent, send

T = TypeVar("T")
CLICKS, PURCHASES = "shop.clickstream.v1", "shop.purchase.v1"
PARTITIONS = 3
START_MS = 1_291_191_960_000


@dataclass(frozen=True)
class Event:
    timestamp: int
    key: bytes | None = b"17850"
    value: bytes | None = b'{"type":"page_viewed"}'
    topic: str = CLICKS
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Read:
    """What a topic's partitions hold, without the punctuation, and the punctuation."""

    events: dict[int, list[Any]]
    marks: dict[int, list[int]]
    records: dict[int, list[Any]]


class Shop:
    """Two raw topics of its own in the cluster, and what is sent to them."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.prefix = f"t{uuid.uuid4().hex[:8]}-"
        self.progress: list[tuple[int, int]] = []

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Any]:
        client = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await client.start()
        try:
            yield client
        finally:
            await client.close()

    async def create_topics(self) -> None:
        keep = {"retention.ms": "-1"}
        async with self.admin() as admin:
            topics = [NewTopic(self.prefix + name, PARTITIONS, 1, topic_configs=keep) for name in (CLICKS, PURCHASES)]
            await admin.create_topics(topics)

    async def delete_topics(self) -> None:
        async with self.admin() as admin:
            await admin.delete_topics([self.prefix + name for name in (CLICKS, PURCHASES)])

    def destination(self, *topics: str, **client: Any) -> Destination:
        connection = {"bootstrap_servers": self.bootstrap, **client}
        return Destination(connection, topics or (CLICKS, PURCHASES), self.prefix)

    async def send(self, events: Iterable[Event], tempo: Pacing | None = None) -> Sent:
        return await send(events, self.destination(), tempo or Pacing(), self.note)

    def note(self, sent: int, event_ms: int) -> None:
        self.progress.append((sent, event_ms))

    async def read(self, topic: str) -> Read:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(self.prefix + topic, number) for number in range(PARTITIONS)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            found: dict[int, list[Any]] = {number: [] for number in range(PARTITIONS)}
            while any([await consumer.position(at) < ends[at] for at in partitions]):
                for at, records in (await consumer.getmany(timeout_ms=100)).items():
                    found[at.partition] += records
        finally:
            await consumer.stop()
        return separated(found)


def separated(found: dict[int, list[Any]]) -> Read:
    events: dict[int, list[Any]] = {}
    marks: dict[int, list[int]] = {}
    for partition, records in found.items():
        parsed = [(record, parse(record.value)) for record in records]
        events[partition] = [record for record, event in parsed if not isinstance(event, SourceProgressed)]
        marks[partition] = [epoch_ms(event.through) for _, event in parsed if isinstance(event, SourceProgressed)]
    return Read(events, marks, found)


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run a story, and see that it leaves no task behind."""

    async def alone() -> T:
        try:
            return await story
        finally:
            await asyncio.sleep(0.05)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    return asyncio.run(alone())


def clicks(number: int, every_ms: int = 1_000) -> list[Event]:
    return [Event(START_MS + n * every_ms, b"customer-%d" % (n % 50), b'{"n":%d}' % n) for n in range(number)]
