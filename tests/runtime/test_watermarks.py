"""Marks by the clock, without Kafka: they promise only what is committed, and of a time before the question."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from streamproc.collect.completeness import Completeness
from streamproc.collect.settings import CollectSettings, WatermarkSettings
from streamproc.events.log import CONTROL_KEY, TIMEKEEPER, WatermarkRecord, decode_record
from streamproc.events.topics import LOG_TOPIC
from streamproc.metrics import Metrics
from streamproc.processor.api import OwnedSource, Stage
from streamproc.runtime import watermarks
from streamproc.runtime.watermarks import MarkWriter
from streamproc.runtime.worker.assignment import Assignment
from streamproc.runtime.worker_settings import WorkerSettings
from tests.builders import NOON_MS
from tests.runtime.worker.partitions import Partitions, record

RAW, LATENESS_MS = "events", 5_000
COUNTS = {RAW: 3}
SETTINGS = CollectSettings(topics=(RAW,), watermark=WatermarkSettings(lateness_seconds=5))


@dataclass
class Wall:
    """A clock that a test moves, and everybody who looks at it."""

    now_ms: int = NOON_MS

    def time_ns(self) -> int:
        return self.now_ms * 1_000_000


@dataclass
class Cluster:
    """Where the raw partitions end; an answer is on its way for a while, and events come meanwhile."""

    wall: Wall
    ends: dict[int, int]
    answer_ms: int = 0
    sent: list[tuple[int, bytes | None, WatermarkRecord]] = field(default_factory=list)

    async def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        ends = {place: self.ends[place.partition] for place in places}
        self.wall.now_ms += self.answer_ms
        return ends

    async def send_and_wait(self, topic: str, value: bytes, key: bytes, partition: int) -> None:
        mark = decode_record(value).event
        assert topic == LOG_TOPIC
        assert isinstance(mark, WatermarkRecord)
        self.sent.append((partition, key, mark))


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    clock = Wall()
    monkeypatch.setattr(watermarks, "time", SimpleNamespace(time_ns=clock.time_ns, monotonic=lambda: 0.0))

    async def describe(_: Any, names: Sequence[str]) -> dict[str, Any]:
        return {name: SimpleNamespace(partitions=COUNTS[name]) for name in names}

    monkeypatch.setattr(watermarks, "describe", describe)
    return clock


def source(partition: int, committed: int, completeness: Completeness | None = None) -> OwnedSource:
    collector: Any = SimpleNamespace(completeness=completeness or Completeness(LATENESS_MS))
    return OwnedSource(RAW, partition, committed, collector)


def marked(cluster: Cluster, owned: Sequence[OwnedSource], times: int = 1) -> dict[int, int]:
    """What the first mark says of each raw partition; nothing if there is none."""
    worker: Any = SimpleNamespace(client={}, owned=lambda: owned)
    writer = MarkWriter(SETTINGS, "", Metrics())

    async def mark() -> None:
        for _ in range(times):
            await writer._mark(worker, cluster, cluster)

    asyncio.run(mark())
    return cluster.sent[0][2].through[RAW] if cluster.sent else {}


def test_a_partition_at_its_end_is_complete_to_the_clock_before_the_end_was_asked_for(wall: Wall) -> None:
    cluster = Cluster(wall, {0: 7}, answer_ms=400)
    assert marked(cluster, [source(0, committed=7)]) == {0: NOON_MS - LATENESS_MS}


def test_of_a_partition_with_events_that_are_not_committed_only_what_is_committed_is_said(wall: Wall) -> None:
    committed = Completeness(LATENESS_MS)
    committed.seen(NOON_MS - 60_000)
    committed.cut()
    committed.commit()
    committed.seen(NOON_MS)
    owned = [source(0, 6, committed), source(1, 6), source(2, 7)]
    assert marked(Cluster(wall, dict.fromkeys(range(3), 7)), owned) == {
        0: NOON_MS - 60_000 - LATENESS_MS,
        2: NOON_MS - LATENESS_MS,
    }


def test_one_mark_goes_to_the_timekeeper_and_says_how_many_raw_partitions_there_are(wall: Wall) -> None:
    cluster = Cluster(wall, {0: 7})
    marked(cluster, [source(0, 7)])
    assert [(partition, key, mark.partitions) for partition, key, mark in cluster.sent] == [
        (TIMEKEEPER, CONTROL_KEY, {RAW: 3})
    ]


def test_a_mark_that_would_say_nothing_new_is_not_written(wall: Wall) -> None:
    cluster = Cluster(wall, {0: 7})
    marked(cluster, [source(0, 7)], times=3)
    assert len(cluster.sent) == 1
    marked(nothing := Cluster(wall, {}), [])
    assert nothing.sent == []


def test_what_a_worker_says_to_be_committed_is(tmp_path: Path) -> None:
    """Processed, or read up to the partition's end, is not enough: the transaction has to be committed."""

    async def told() -> list[int]:
        processor: Any = SimpleNamespace(process=lambda _: ())
        task = Partitions(tmp_path).task(processor=processor)
        worker = Assignment(Stage("counting", ()), WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path))
        worker.partitions = {task.partition.source: task}
        said = [worker.owned()[0].committed]
        (batch,) = task.accept([record(0), record(1)], fetched_to=3, log_end=3)
        said.append(worker.owned()[0].committed)
        await task.process(batch)
        said.append(worker.owned()[0].committed)
        await task.checkpoint().ended
        return [*said, worker.owned()[0].committed]

    assert asyncio.run(told()) == [0, 0, 0, 3]
