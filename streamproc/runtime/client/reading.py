"""Reading topics as everybody should: committed records only, from a known place, for people and tests."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition

from streamproc.processor.api import Record
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.batches.consumer import CarefulConsumer
from streamproc.runtime.refusal import UnreadableRecordError


async def read_to_end(
    client: Mapping[str, Any], topic: str, partitions: Sequence[int] | None = None
) -> AsyncGenerator[Record, None]:
    """The committed records of a topic from its beginning to where it ends now."""
    async with committed_consumer(client) as consumer:
        numbers = partitions if partitions is not None else sorted(await _partitions(consumer, topic))
        places = [TopicPartition(topic, number) for number in numbers]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place, start in (await consumer.beginning_offsets(places)).items():
            consumer.seek(place, start)
        left = {place for place in places if await consumer.position(place) < ends[place]}
        while left:
            for records in (await consumer.getmany(*left, timeout_ms=200)).values():
                for record in readable(records):
                    yield record
            left = {place for place in left if await consumer.position(place) < ends[place]}


async def follow(client: Mapping[str, Any], topics: Sequence[str], *, from_start: bool) -> AsyncIterator[Record]:
    """The committed records of topics as they come, until the reader stops."""
    async with committed_consumer(client) as consumer:
        places = [TopicPartition(topic, number) for topic in topics for number in await _partitions(consumer, topic)]
        consumer.assign(places)
        at = await (consumer.beginning_offsets(places) if from_start else consumer.end_offsets(places))
        for place, offset in at.items():
            consumer.seek(place, offset)
        while True:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in readable(records):
                    yield record


def readable(records: Iterable[Any]) -> Iterator[Any]:
    """The records, up to one that cannot be read.

    Raises:
        UnreadableRecordError: there is one; it says where and why.
    """
    for record in records:
        if isinstance(record, Unreadable):
            raise UnreadableRecordError(record)
        yield record


@asynccontextmanager
async def committed_consumer(client: Mapping[str, Any]) -> AsyncIterator[Any]:
    """A consumer that is stopped also if it could not be started."""
    consumer = CarefulConsumer(
        **dict(client) | {"isolation_level": "read_committed", "enable_auto_commit": False, "auto_offset_reset": "none"}
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _partitions(consumer: Any, topic: str) -> set[int]:
    for _ in range(20):
        found: set[int] | None = await _known_partitions(consumer, topic)
        if found:
            return found
        await asyncio.sleep(0.1)
    raise LookupError(f"topic {topic} does not exist; create it with: streamproc topics apply")


async def _known_partitions(consumer: Any, topic: str) -> set[int] | None:
    await consumer._client.add_topic(topic)  # noqa: SLF001  aiokafka asks for the metadata of assigned topics only
    partitions: set[int] | None = consumer.partitions_for_topic(topic)
    return partitions
