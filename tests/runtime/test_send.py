"""Sending dumps to a real Kafka: everything arrives once, in time order, and time is told to every partition."""

import asyncio
import itertools
import os
import signal
import socket
import time
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.partitioner import DefaultPartitioner

from streamproc.events.parse import parse
from streamproc.events.source import SourceProgressed
from streamproc.events.times import epoch_ms
from streamproc.runtime.outbox import SendError
from streamproc.runtime.send import Destination, Sent, Tempo, send

pytestmark = pytest.mark.kafka

T = TypeVar("T")
CLICKS, PURCHASES = "shop.clickstream.v1", "shop.purchase.v1"
PARTITIONS = 3
START_MS = 1_291_191_960_000


class Kafka(Protocol):
    bootstrap: str


@dataclass(frozen=True)
class Event:
    timestamp: int
    key: bytes | None = b"17850"
    value: bytes | None = b'{"type":"page_viewed"}'
    topic: str = CLICKS


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

    async def send(self, events: Iterable[Event], tempo: Tempo | None = None) -> Sent:
        return await send(events, self.destination(), tempo or Tempo(), self.note)

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


@pytest.fixture
def shop(kafka: Kafka) -> Iterator[Shop]:
    shop = Shop(kafka.bootstrap)
    asyncio.run(shop.create_topics())
    yield shop
    asyncio.run(shop.delete_topics())


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


def test_every_event_arrives_once_with_its_own_time_key_and_bytes(shop: Shop) -> None:
    events = clicks(5_000)

    async def story() -> tuple[Sent, Read]:
        return await shop.send(events), await shop.read(CLICKS)

    sent, read = run(story())
    assert sent.events == 5_000
    arrived = [record for records in read.events.values() for record in records]
    assert sorted((r.timestamp, r.key, r.value) for r in arrived) == [(e.timestamp, e.key, e.value) for e in events]
    for records in read.events.values():
        assert [r.timestamp for r in records] == sorted(r.timestamp for r in records)


def test_events_go_where_every_kafka_producer_would_put_their_key(shop: Shop) -> None:
    async def story() -> Read:
        await shop.send(clicks(100))
        return await shop.read(CLICKS)

    everywhere = list(range(PARTITIONS))
    for partition, records in run(story()).events.items():
        assert {DefaultPartitioner()(r.key, everywhere, everywhere) for r in records} <= {partition}


def test_events_of_several_topics_keep_their_topic(shop: Shop) -> None:
    async def story() -> tuple[Read, Read]:
        await shop.send([Event(START_MS), Event(START_MS, topic=PURCHASES), Event(START_MS, key=None)])
        return await shop.read(CLICKS), await shop.read(PURCHASES)

    counts = [sum(map(len, read.events.values())) for read in run(story())]
    assert counts == [2, 1]


def test_at_the_end_every_partition_of_every_topic_is_told_that_time_has_passed(shop: Shop) -> None:
    async def story() -> tuple[Sent, Read, Read]:
        sent = await shop.send([Event(START_MS)], Tempo(close_after=timedelta(days=3)))
        return sent, await shop.read(CLICKS), await shop.read(PURCHASES)

    sent, *reads = run(story())
    end_ms = START_MS + 3 * 86_400_000
    assert sent == Sent(events=1, rounds=1, through_ms=end_ms)
    for read in reads:
        assert read.marks == {partition: [end_ms] for partition in range(PARTITIONS)}
    for record in itertools.chain(*reads[1].records.values()):
        assert (record.key, record.timestamp) == (None, START_MS)


def test_a_partition_is_never_told_a_time_before_the_events_of_that_time(shop: Shop) -> None:
    async def story() -> Read:
        await shop.send(clicks(300, every_ms=1), Tempo(punctuate_every_seconds=0))
        return await shop.read(CLICKS)

    read = run(story())
    for partition, records in read.records.items():
        through = -1
        for record in records:
            event = parse(record.value)
            if isinstance(event, SourceProgressed):
                assert epoch_ms(event.through) > through
                through = epoch_ms(event.through)
            else:
                assert record.timestamp > through
        assert len(read.marks[partition]) == 301  # before each event, and the closing one
        assert read.marks[partition][-1] == START_MS + 299


def test_time_is_not_told_again_while_it_stands_still(shop: Shop) -> None:
    async def story() -> Sent:
        return await shop.send([Event(START_MS)] * 50, Tempo(punctuate_every_seconds=0))

    assert run(story()).rounds == 2  # just before the moment, and at the end


def test_speed_is_event_time_per_time_and_time_is_told_in_between(shop: Shop) -> None:
    async def story() -> tuple[float, Read]:
        began = time.monotonic()
        await shop.send([Event(START_MS), Event(START_MS + 60_000)], Tempo(speed=60, punctuate_every_seconds=0.1))
        return time.monotonic() - began, await shop.read(CLICKS)

    seconds, read = run(story())
    assert 1 <= seconds < 3
    between = [mark for mark in read.marks[0] if START_MS < mark < START_MS + 59_999]
    assert len(between) >= 4
    assert between == sorted(set(between))


def test_progress_says_how_many_were_sent_and_the_time_reached(shop: Shop) -> None:
    run(shop.send(clicks(10), Tempo(speed=50, punctuate_every_seconds=0.05)))
    assert shop.progress == sorted(shop.progress)
    assert len(shop.progress) > 2
    assert shop.progress[-1] == (10, START_MS + 9_000)


def test_an_empty_dump_sends_nothing_and_says_nothing(shop: Shop) -> None:
    async def story() -> tuple[Sent, Read]:
        return await shop.send([]), await shop.read(CLICKS)

    sent, read = run(story())
    assert sent == Sent(events=0, rounds=0, through_ms=None)
    assert not any(read.records.values())


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([Event(START_MS + 1), Event(START_MS)], r"event 2 goes back in time \(2010-12-01T08:26:00Z\)"),
        ([Event(START_MS, topic="shop.other.v1")], "shop.other.v1 is not an active raw topic"),
        ([Event(START_MS, key=None, value=None)], "neither key nor value"),
        ([Event(START_MS, value=b"x" * 1_100_000)], "MessageSizeTooLarge"),
        ([Event(2**42)], "InvalidTimestamp"),
    ],
)
def test_what_cannot_be_sent_ends_it_with_the_reason(shop: Shop, events: list[Event], message: str) -> None:
    with pytest.raises(SendError, match=message):
        run(shop.send(events))


def test_a_topic_that_does_not_exist_is_named_with_the_remedy(shop: Shop) -> None:
    destination = shop.destination("shop.absent.v1", request_timeout_ms=1_000)
    with pytest.raises(SendError, match=r"shop\.absent\.v1 does not exist.*topics apply"):
        run(send([], destination, Tempo(), shop.note))


def test_no_kafka_is_said_at_once() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        destination = Destination({"bootstrap_servers": f"127.0.0.1:{unused.getsockname()[1]}"}, (CLICKS,))
        with pytest.raises(SendError, match=r"no Kafka at 127\.0\.0\.1:\d+"):
            run(send([], destination, Tempo(), lambda _sent, _at: None))


def test_an_interruption_leaves_no_task_and_no_closing_punctuation(shop: Shop) -> None:
    async def story() -> Read:
        sending = asyncio.ensure_future(shop.send(clicks(1_000), Tempo(speed=100, punctuate_every_seconds=0.05)))
        await asyncio.sleep(0.7)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        return await shop.read(CLICKS)

    read = run(story())
    arrived = sum(map(len, read.events.values()))
    assert 0 < arrived < 1_000
    assert max(read.marks[0]) < START_MS + arrived * 1_000


@asynccontextmanager
async def frozen(kafka: Kafka) -> AsyncIterator[None]:
    pid = kafka.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_broker_that_is_away_for_a_while_costs_nothing_but_time(shop: Shop, kafka: Kafka) -> None:
    async def story() -> tuple[Sent, Read]:
        destination = shop.destination(request_timeout_ms=500)
        sending = asyncio.ensure_future(send(clicks(20_000), destination, Tempo(speed=5_000), shop.note))
        await asyncio.sleep(1)
        async with frozen(kafka):
            await asyncio.sleep(3)
        return await sending, await shop.read(CLICKS)

    sent, read = run(story())
    assert sent.events == 20_000
    values = [record.value for records in read.events.values() for record in records]
    assert len(values) == len(set(values)) == 20_000


def test_a_broker_that_stays_away_ends_it_in_bounded_time(shop: Shop, kafka: Kafka) -> None:
    async def story() -> float:
        destination = shop.destination(request_timeout_ms=2_000)
        tempo = Tempo(speed=5_000, give_up_seconds=2)
        sending = asyncio.ensure_future(send(clicks(50_000), destination, tempo, shop.note))
        await asyncio.sleep(1)
        async with frozen(kafka):
            began = time.monotonic()
            with pytest.raises(SendError, match=r"no acknowledgement from .* \d+ records are open"):
                await sending
            return time.monotonic() - began

    assert run(story()) < 10
