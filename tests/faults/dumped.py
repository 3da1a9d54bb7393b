"""Topics as they are at the end of a fault run: what a reader of committed records sees, and what was aborted."""

import pickle
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streamproc.processor.api import InputRecord
from streamproc.runtime.client.topic_ids import describe
from tests.faults.setting import CHANGELOGS, Setting
from tests.runtime.log_reading import committed_offsets

Place = tuple[str, int]
"""A topic (without prefix) and a partition."""


@dataclass
class Dump:
    """Everything that was there.

    Attributes:
        records: the committed records of each partition.
        begins, ends: the bounds of each partition.
        ids: the topics' ids.
        committed: the committed source offsets of all groups.
        aborted: how many records of aborted transactions there are, by topic.
    """

    records: dict[Place, list[InputRecord]] = field(default_factory=dict)
    begins: dict[Place, int] = field(default_factory=dict)
    ends: dict[Place, int] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    committed: dict[Place, int] = field(default_factory=dict)
    aborted: dict[str, int] = field(default_factory=dict)

    def of(self, topic: str) -> list[InputRecord]:
        """The records of a topic, partition by partition."""
        return [read for place in sorted(self.records) if place[0] == topic for read in self.records[place]]

    def sources(self, topics: Iterable[str]) -> dict[Place, list[InputRecord]]:
        """What was processed: of each partition of these topics, the records below the committed offset."""
        wanted = set(topics)
        return {
            place: [read for read in records if read.offset < self.committed.get(place, 0)]
            for place, records in self.records.items()
            if place[0] in wanted
        }

    @property
    def compacted(self) -> int:
        """How many changelog records the cleaner has taken away, at least."""
        gone = 0
        for changelog in CHANGELOGS.values():
            for place in (place for place in self.records if place[0] == changelog):
                known = {read.offset for read in self.records[place]}
                gone += max(known, default=-1) + 1 - len(known) if known else 0
        return gone

    def save(self, path: Path) -> None:
        """Keep it as evidence; `load` reads it again."""
        path.write_bytes(pickle.dumps(self))

    @staticmethod
    def load(path: Path) -> "Dump":
        """A dump that was kept."""
        dump = pickle.loads(path.read_bytes())
        assert isinstance(dump, Dump)
        return dump


async def dump_all(setting: Setting) -> Dump:
    """Read every topic of a run, to where it ends now."""
    dump = Dump()
    names = {setting.prefix + name: name for name in setting.partitions}
    found = await describe(setting.client, names)
    dump.ids = {names[name]: identity.topic_id for name, identity in found.items()}
    places = [TopicPartition(name, number) for name, each in found.items() for number in range(each.partitions)]
    dump.records = {(names[place.topic], place.partition): [] for place in places}
    async for read in read_all(setting.client, places, "read_committed", dump, names):
        dump.records[read.topic, read.partition].append(read)
    skipped = set(CHANGELOGS.values())
    kept = [place for place in places if names[place.topic] not in skipped]
    written: Counter[str] = Counter()  # only counted: of a long run, they do not fit into memory twice
    async for read in read_all(setting.client, kept, "read_uncommitted", Dump(), names):
        written[read.topic] += 1
    dump.aborted = {name: written[name] - len(dump.of(name)) for name in {names[place.topic] for place in kept}}
    for stage in set(setting.sources.values()):
        offsets = await committed_offsets(setting.bootstrap, setting.group(stage))
        dump.committed |= {(names[topic], partition): offset for (topic, partition), offset in offsets.items()}
    return dump


async def read_all(
    client: Mapping[str, Any], places: list[TopicPartition], isolation: str, bounds: Dump, names: Mapping[str, str]
) -> AsyncIterator[InputRecord]:
    """The records of all these partitions; notes their bounds."""
    consumer = AIOKafkaConsumer(
        **client, isolation_level=isolation, enable_auto_commit=False, auto_offset_reset="none",
        max_partition_fetch_bytes=4 << 20,
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, begins[place])
            bounds.begins[names[place.topic], place.partition] = begins[place]
            bounds.ends[names[place.topic], place.partition] = ends[place]
        left = {place for place in places if begins[place] < ends[place]}
        while left:
            for place, records in (await consumer.getmany(*left, timeout_ms=500, max_records=20_000)).items():
                name = names[place.topic]
                for r in records:
                    yield InputRecord(name, r.partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers))
            left = {place for place in left if await consumer.position(place) < ends[place]}
    finally:
        await consumer.stop()
