"""What a fault run does to its topics: made, changed for a while, made anew, removed."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.runtime.topics import admin as topics
from streamproc.runtime.topics.configs import change_configs
from tests.faults.setting import Setting
from tests.runtime.log_reading import committed_offsets, create_topics, delete_topic


@asynccontextmanager
async def admin_of(setting: Setting) -> AsyncIterator[Any]:
    """A connection for changes."""
    admin = AIOKafkaAdminClient(bootstrap_servers=setting.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def make_topics(setting: Setting) -> None:
    """All topics of the product."""
    await topics.apply(setting.client, await topics.plan(setting.client, setting.configuration.catalogue))


async def remove_topics(setting: Setting) -> None:
    """Give the disk back."""
    async with admin_of(setting) as admin:
        await admin.delete_topics([setting.prefix + name for name in setting.partitions])


async def configure(setting: Setting, topic: str, configs: Mapping[str, str]) -> None:
    """Change settings of one topic."""
    async with admin_of(setting) as admin:
        refused = await change_configs(admin, {setting.prefix + topic: configs})
    assert not refused, refused


async def make_anew(setting: Setting, topic: str) -> None:
    """Delete a topic and create it again, as somebody does who wants to empty it."""
    await delete_topic(setting.bootstrap, setting.prefix + topic)
    await create_topics(setting.bootstrap, {setting.prefix + topic: setting.partitions[topic]})


async def add_partitions(setting: Setting, topic: str, count: int) -> None:
    """Let a topic have so many partitions."""
    async with admin_of(setting) as admin:
        await admin.create_partitions({setting.prefix + topic: NewPartitions(count)})


async def end_transactions(setting: Setting) -> None:
    """Abort what dead workers left open, as their next owners would: readers of committed records wait for that."""
    for topic, stage in setting.sources.items():
        for number in range(setting.partitions[topic]):
            owner = f"{setting.group(stage)}-{topic}-{number}"
            async with AIOKafkaProducer(**setting.client, transactional_id=owner):
                pass


async def is_drained(setting: Setting, stages: Iterable[str]) -> bool:
    """Whether nothing is left to be read by these stages: now, and also after the next marks."""
    chosen = [topic for topic, stage in setting.sources.items() if stage in stages]
    before = await _ends_if_drained(setting, chosen)
    if before is None:
        return False
    await asyncio.sleep(1.5)
    return await _ends_if_drained(setting, chosen) == before


async def committed_in_all(setting: Setting) -> int:
    """The committed offsets of all stages, added up: it grows as long as somebody comes further."""
    committed = [
        await committed_offsets(setting.bootstrap, setting.group(stage)) for stage in set(setting.sources.values())
    ]
    return sum(offset for each in committed for offset in each.values())


async def _ends_if_drained(setting: Setting, sources: Iterable[str]) -> Mapping[Any, int] | None:
    places = [
        TopicPartition(setting.prefix + topic, number)
        for topic in sources
        for number in range(setting.partitions[topic])
    ]
    committed: dict[tuple[str, int], int] = {}
    for stage in set(setting.sources.values()):
        committed |= await committed_offsets(setting.bootstrap, setting.group(stage))
    reader = AIOKafkaConsumer(
        **setting.client, isolation_level="read_committed", enable_auto_commit=False, auto_offset_reset="none"
    )
    await reader.start()
    try:
        reader.assign(places)
        ends: Mapping[Any, int] = await reader.end_offsets(places)
        for place in places:
            reader.seek(place, committed.get((place.topic, place.partition), 0))
        left = set(places)
        while left := {place for place in left if await reader.position(place) < ends[place]}:
            if await reader.getmany(*left, timeout_ms=300):
                return None
    finally:
        await reader.stop()
    return ends


async def gaps_in_changelog(setting: Setting) -> int:
    """How many records the cleaner has taken out of decide's changelog so far, markers and aborted ones included."""
    from tests.faults.dumped import Dump, read_all

    name = setting.prefix + DECIDE_STATE_TOPIC
    places = [TopicPartition(name, number) for number in range(setting.partitions[DECIDE_STATE_TOPIC])]
    names = {name: DECIDE_STATE_TOPIC}
    offsets: dict[int, list[int]] = {place.partition: [] for place in places}
    async for read in read_all(setting.client, places, "read_uncommitted", Dump(), names):
        offsets[read.partition].append(read.offset)
    return sum(max(each, default=-1) + 1 - len(each) for each in offsets.values())
