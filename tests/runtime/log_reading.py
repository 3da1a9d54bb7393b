"""Topics of a test's own, what is in them, and what a group has committed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streamproc.runtime.client.topic_ids import describe

COMPACTED = {"cleanup.policy": "compact"}
KEEPS_ALL = {"retention.ms": "-1"}


async def create_topics(servers: str, partitions: Mapping[str, int], **of_all: str) -> None:
    """Make topics with a replica on each broker, and wait until they can be written.

    Those that end with `.state` are compacted. No time is too old for any: by default Kafka looks every few minutes for
    segments whose records are all older than a week, and deletes them, while a test may still read them.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        configs = {name: KEEPS_ALL | of_all | (COMPACTED if name.endswith(".state") else {}) for name in partitions}
        replicas = len(admin._client.cluster.brokers())
        wanted = [NewTopic(n, count, replicas, topic_configs=configs[n]) for n, count in partitions.items()]
        await admin.create_topics(wanted)
    finally:
        await admin.close()
    while len(await describe({"bootstrap_servers": servers}, partitions)) < len(partitions):  # noqa: ASYNC110  Kafka tells nobody
        await asyncio.sleep(0.05)


async def delete_topic(servers: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.delete_topics([name])
    finally:
        await admin.close()
    while await describe({"bootstrap_servers": servers}, [name]):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def send_events(
    servers: str, topic: str, partitions: int, numbers: Sequence[int], pause: float = 0.0, **options: Any
) -> None:
    """Events of 40 keys or more, some without a key; each key has its partition. With `pause` after each 20."""
    keys = max(40, partitions)
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True, linger_ms=2, **options)
    try:
        await producer.start()
        for number in numbers:
            key = None if number % 41 == 0 else b"k%d" % (number % keys)
            await producer.send(topic, b"%d" % number, key=key, partition=number % keys % partitions)
            if pause and number % 20 == 0:
                await asyncio.sleep(pause)
        await producer.flush()
    finally:
        await producer.stop()


async def send_poison(servers: str, topic: str) -> None:
    """One record that the counting stage cannot read."""
    producer = AIOKafkaProducer(bootstrap_servers=servers)
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"poison", key=b"k", partition=0)
    finally:
        await producer.stop()


async def read_topic(servers: str, topic: str) -> list[Any]:
    """All committed records of a topic, partition by partition."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await reader.start()
    try:
        (identity,) = (await describe({"bootstrap_servers": servers}, [topic])).values()
        places = [TopicPartition(topic, number) for number in range(identity.partitions)]
        reader.assign(places)
        ends = await reader.end_offsets(places)
        records: list[Any] = []
        while any([await reader.position(place) < ends[place] for place in places]):
            for batch in (await reader.getmany(timeout_ms=100)).values():
                records += batch
    finally:
        await reader.stop()
    return sorted(records, key=lambda record: (record.partition, record.offset))


async def committed_offsets(servers: str, group: str) -> dict[tuple[str, int], int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        try:
            offsets = await admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:  # nobody has had a group in this cluster yet
            return {}
    finally:
        await admin.close()
    return {(place.topic, place.partition): held.offset for place, held in offsets.items() if held.offset >= 0}


async def commit_offset(servers: str, group: str, place: TopicPartition, offset: int) -> None:
    """What somebody does who resets a group's offset by hand."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.commit({place: offset})
    finally:
        await consumer.stop()
