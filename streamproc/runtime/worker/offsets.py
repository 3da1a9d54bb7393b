"""Asking for offsets on a connection of its own.

Against a take-over of 14 s: Kafka answers each connection in order, so on Faust's consumer connection every request
waits behind a long fetch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streamproc.runtime.state.source_position import SourceOffsets


@dataclass(frozen=True, slots=True)
class OffsetTable:
    """The bounds of logs, and what a group committed."""

    begin: Mapping[TopicPartition, int]
    end: Mapping[TopicPartition, int]
    committed: Mapping[TopicPartition, int | None]

    def of(self, source: TopicPartition) -> SourceOffsets:
        """What is known of a source partition."""
        return SourceOffsets(self.begin[source], self.end[source], self.committed[source])


async def read_offsets(
    client: Mapping[str, Any], group: str, sources: Iterable[TopicPartition], logs: Iterable[TopicPartition]
) -> OffsetTable:
    """Read the bounds of all these partitions, and the committed offsets of the sources."""
    sources = list(sources)
    asked = [*sources, *logs]
    reader = AIOKafkaConsumer(**client, group_id=group, enable_auto_commit=False)
    await reader.start()
    try:
        begin, end = await reader.beginning_offsets(asked), await reader.end_offsets(asked)
        committed = {source: await reader.committed(source) for source in sources}
    finally:
        await reader.stop()
    return OffsetTable(begin, end, committed)
