"""Sending dumps to a real Kafka: everything arrives once, in time order, and time is told to every partition."""

import asyncio
import itertools
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Protocol

import pytest
from aiokafka.errors import KafkaConnectionError
from aiokafka.partitioner import DefaultPartitioner

from streamproc.events.adapters import ADAPTER_HEADER, adapter_header
from streamproc.events.adapters.native import parse
from streamproc.events.received import received_ms
from streamproc.events.source import SourceProgressed
from streamproc.events.times import epoch_ms
from streamproc.runtime.client.outbox import SendError
from streamproc.runtime.client.send import Destination, Pacing, Sent, send
from tests.runtime.raw_topics import CLICKS, PARTITIONS, PURCHASES, START_MS, Event, Read, Shop, clicks, run

pytestmark = pytest.mark.kafka


class Kafka(Protocol):
    bootstrap: str


def received(record: Any) -> int:
    return received_ms(record.timestamp, record.headers)


@pytest.fixture
def shop(kafka: Kafka) -> Iterator[Shop]:
    shop = Shop(kafka.bootstrap)
    asyncio.run(shop.create_topics())
    yield shop
    asyncio.run(shop.delete_topics())


def test_every_event_arrives_once_with_its_own_time_key_and_bytes(shop: Shop) -> None:
    events = clicks(5_000)

    async def story() -> tuple[Sent, Read]:
        return await shop.send(events), await shop.read(CLICKS)

    sent, read = run(story())
    assert sent.events == 5_000
    arrived = [record for records in read.events.values() for record in records]
    assert sorted((received(r), r.key, r.value) for r in arrived) == [(e.timestamp, e.key, e.value) for e in events]
    for records in read.events.values():
        assert [received(r) for r in records] == sorted(received(r) for r in records)


def test_kafka_is_told_the_time_of_sending_or_it_forgets_who_sent_when_a_broker_comes_back(shop: Shop) -> None:
    began_ms = time.time_ns() // 1_000_000

    async def story() -> Read:
        await shop.send(clicks(100), Pacing(punctuate_every_seconds=0))
        return await shop.read(CLICKS)

    arrived = [record for records in run(story()).records.values() for record in records]
    assert min(record.timestamp for record in arrived) >= began_ms
    assert max(map(received, arrived)) == START_MS + 99_000


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
        sent = await shop.send([Event(START_MS)], Pacing(close_after=timedelta(days=3)))
        return sent, await shop.read(CLICKS), await shop.read(PURCHASES)

    sent, *reads = run(story())
    end_ms = START_MS + 3 * 86_400_000
    assert sent == Sent(events=1, rounds=1, through_ms=end_ms)
    for read in reads:
        assert read.marks == {partition: [end_ms] for partition in range(PARTITIONS)}
    for record in itertools.chain(*reads[1].records.values()):
        assert (record.key, received(record)) == (None, START_MS)


def test_a_record_keeps_its_format_and_what_time_is_told_in_is_our_own_whatever_the_topic_s_is(shop: Shop) -> None:
    async def story() -> Read:
        other = (adapter_header("another"), ("x", b"not ours to send"))
        await shop.send([Event(START_MS, headers=other), Event(START_MS)])
        return await shop.read(CLICKS)

    records = [record for records in run(story()).records.values() for record in records]
    formats = [(parse(record.value), dict(record.headers)) for record in records]
    assert all("x" not in headers for _, headers in formats)
    for event, headers in formats:
        assert not isinstance(event, SourceProgressed) or headers[ADAPTER_HEADER] == b"native"
    events = [headers.get(ADAPTER_HEADER) for event, headers in formats if not isinstance(event, SourceProgressed)]
    assert events == [b"another", None]


def test_a_partition_is_never_told_a_time_before_the_events_of_that_time(shop: Shop) -> None:
    async def story() -> Read:
        await shop.send(clicks(100, every_ms=1), Pacing(punctuate_every_seconds=0))
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
                assert received(record) > through
        assert len(read.marks[partition]) == 101  # before each event, and the closing one
        assert read.marks[partition][-1] == START_MS + 99


def test_time_is_not_told_again_while_it_stands_still(shop: Shop) -> None:
    async def story() -> Sent:
        return await shop.send([Event(START_MS)] * 50, Pacing(punctuate_every_seconds=0))

    assert run(story()).rounds == 2  # just before the moment, and at the end


def test_speed_is_event_time_per_time_and_time_is_told_in_between(shop: Shop) -> None:
    async def story() -> tuple[float, Read]:
        began = time.monotonic()
        await shop.send([Event(START_MS), Event(START_MS + 60_000)], Pacing(speed=60, punctuate_every_seconds=0.1))
        return time.monotonic() - began, await shop.read(CLICKS)

    seconds, read = run(story())
    assert 1 <= seconds < 3
    between = [mark for mark in read.marks[0] if START_MS < mark < START_MS + 59_999]
    assert between  # about ten on a machine that has nothing else to do
    assert between == sorted(set(between))


def test_progress_says_how_many_were_sent_and_the_time_reached(shop: Shop) -> None:
    run(shop.send(clicks(10), Pacing(punctuate_every_seconds=0)))
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
        (
            [Event(START_MS, topic="shop.other.v1")],
            f"shop.other.v1 is no raw topic; raw topics are: {CLICKS}, .*; remove these lines",
        ),
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
        run(send([], destination, Pacing(), shop.note))


def test_no_kafka_is_said_at_once() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        destination = Destination({"bootstrap_servers": f"127.0.0.1:{unused.getsockname()[1]}"}, (CLICKS,))
        with pytest.raises(KafkaConnectionError, match="Unable to bootstrap"):
            run(send([], destination, Pacing(), lambda _sent, _at: None))


def test_an_interruption_leaves_no_task_and_no_closing_punctuation(shop: Shop) -> None:
    async def story() -> Read:
        sending = asyncio.ensure_future(shop.send(clicks(1_000), Pacing(speed=100, punctuate_every_seconds=0.05)))
        await asyncio.sleep(0.7)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        return await shop.read(CLICKS)

    read = run(story())
    arrived = sum(map(len, read.events.values()))
    assert 0 < arrived < 1_000
    assert max(read.marks[0]) < START_MS + arrived * 1_000
