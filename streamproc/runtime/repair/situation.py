"""How things are with the partitions of a stage: what Kafka has, what the group committed, what the states say."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from streamproc.processor.api import Stage
from streamproc.runtime.client.authorisation import admit
from streamproc.runtime.client.group import describe_group
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.state.source_position import POSITION_KEY, SourceOffsets, SourcePosition, decode_position
from streamproc.runtime.state.store import RESERVED
from streamproc.runtime.worker.layout import Layout, SourceTopic, looking_rights, read_layout
from streamproc.runtime.worker.offsets import read_offsets
from streamproc.runtime.worker_settings import WorkerSettings

LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Situation:
    """One source partition.

    Attributes:
        topic: the source topic; `partition` its partition.
        offsets: the log's bounds, and what the group committed.
        mark: what the changelog says its states were made from; None for none.
        keys: those of the states in the changelog.
    """

    topic: SourceTopic
    partition: int
    offsets: SourceOffsets
    mark: SourcePosition | None = None
    keys: frozenset[bytes] = frozenset()

    def is_as(self, other: "Situation") -> bool:
        """Whether a plan made for the other one still holds; a log may have grown meanwhile."""
        mine, theirs = (self.mark, self.keys, self.offsets.committed), (other.mark, other.keys, other.offsets.committed)
        return mine == theirs and self.offsets.begin == other.offsets.begin

    @property
    def committed(self) -> int:
        """The offset up to which records have been processed."""
        return self.offsets.begin if self.offsets.committed is None else self.offsets.committed

    @property
    def keeps_state(self) -> bool:
        """Whether the stage has states for this partition."""
        return self.topic.changelog is not None

    @property
    def changelog(self) -> TopicPartition | None:
        """Where they are."""
        return None if self.topic.changelog is None else TopicPartition(self.topic.changelog.name, self.partition)


@dataclass(frozen=True, slots=True)
class StageSituation:
    """A stage: its topics, its partitions, and who works on them."""

    layout: Layout
    partitions: tuple[Situation, ...]
    members: tuple[str, ...]


async def look(
    stage: Stage, settings: WorkerSettings, topic: str | None = None, partitions: Sequence[int] = ()
) -> StageSituation:
    """See how things are; all source topics and partitions if none are named. Reads the changelogs.

    Raises:
        RefusedError: Kafka does not let us in, or does not let us look.
    """
    await admit(settings.client, looking_rights(stage, settings))
    layout = await read_layout(stage, settings)
    places = [
        (source, number)
        for source in layout.sources.values()
        for number in range(layout.partitions[source.name])
        if topic in (None, source.name) and (not partitions or number in partitions)
    ]
    found = [await look_at(source, number, layout.group, settings.client) for source, number in places]
    return StageSituation(layout, tuple(found), await members_of(settings.client, layout.group))


async def look_at(topic: SourceTopic, partition: int, group: str, client: Mapping[str, Any]) -> Situation:
    """See how things are with one source partition."""
    place = TopicPartition(topic.on_cluster, partition)
    table = await read_offsets(client, group, [place], [])
    mark, keys = await _read_changelog(client, topic, partition)
    return Situation(topic, partition, table.of(place), mark, keys)


async def members_of(client: Mapping[str, Any], group: str) -> tuple[str, ...]:
    """The clients that are in a consumer group, with their hosts; also one that died less than a session ago."""
    described = await describe_group(client, group)
    return tuple(f"{member.client_id} on {member.host}" for member in described.members)


async def members_after(client: Mapping[str, Any], group: str, patience_seconds: float) -> tuple[str, ...]:
    """Who is still in a group after a while: one that ended hard is until its session is over."""
    deadline = time.monotonic() + patience_seconds
    while (members := await members_of(client, group)) and time.monotonic() < deadline:  # noqa: ASYNC110  Kafka tells nobody
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return members


async def _read_changelog(
    client: Mapping[str, Any], source: SourceTopic, partition: int
) -> tuple[SourcePosition | None, frozenset[bytes]]:
    mark: SourcePosition | None = None
    keys: set[bytes] = set()
    if source.changelog is None:
        return None, frozenset()
    async for record in read_to_end(client, source.changelog.name, [partition]):
        if record.key == POSITION_KEY:
            mark = decode_position(record.value) if record.value else None
        elif record.key is None or record.key.startswith(RESERVED):
            continue
        elif record.value is None:
            keys.discard(record.key)
        else:
            keys.add(record.key)
    return mark, frozenset(keys)
