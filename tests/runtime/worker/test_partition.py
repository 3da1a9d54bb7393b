"""A partition at work, without Kafka: what it commits, in which order, and what it tells of itself."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from streamproc.processor.api import OutputRecord, Record, Resumable, Step
from streamproc.runtime.telemetry.observer import Silent, Where
from streamproc.runtime.worker import turns
from streamproc.runtime.worker.partition import PartitionTask
from streamproc.runtime.worker_settings import Limits
from tests.runtime.worker.partitions import Noting, Partitions, SlowWriter, Writer, record


def test_what_is_said_to_be_committed_never_goes_back(tmp_path: Path) -> None:
    async def told() -> list[int]:
        task = Partitions(tmp_path).task()
        task.accept([], fetched_to=11, log_end=11)  # ten records' transaction marker, and nothing to do
        at_end = task.committed_through
        task.accept([record(11)], fetched_to=12, log_end=12)
        return [at_end, task.committed_through]

    assert asyncio.run(told()) == [11, 11]


def test_after_a_dropped_checkpoint_no_other_one_commits_the_offset_without_its_outputs(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        writer = SlowWriter()
        task = Partitions(tmp_path).task(writer)
        task.position = 1
        task._outputs._rows = {TopicPartition("out", 0): [(b"k", b"v", ())]}
        task.checkpoint()
        await writer.began.wait()
        waiting = task.checkpoint().ended
        await task.close()
        writer.go.set()
        await waiting
        return writer.committed

    assert asyncio.run(committed()) == []


class Chatterer:
    """A processor that says ten things about each record, and may be left after each; somebody looks on meanwhile."""

    def __init__(self) -> None:
        self.looks_on: Callable[[int], None] = lambda _: None
        self.said = 0

    def open(self) -> tuple[()]:
        return ()

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        for each in records:
            for _ in range(10):
                yield OutputRecord("tens", b"k", b"%d" % self.said)
                self.said += 1
                self.looks_on(self.said)
                yield Resumable(each.offset)


def chattering(partitions: Partitions) -> tuple[PartitionTask, Chatterer, Writer]:
    processor, writer = Chatterer(), Writer()
    return partitions.task(writer, processor), processor, writer


async def work_off(task: PartitionTask, offsets: Sequence[int]) -> None:
    for batch in task.accept([record(offset) for offset in offsets], offsets[-1] + 1, offsets[-1] + 1):
        await task.process(batch)


@pytest.fixture
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SLICE_SECONDS", 0.0)


@pytest.mark.usefixtures("_short_slices")
def test_a_checkpoint_in_the_middle_of_a_record_keeps_its_offset(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        task, processor, writer = chattering(Partitions(tmp_path))

        def look_on(said: int) -> None:
            if said in {3, 15}:
                task.checkpoint()

        processor.looks_on = look_on
        await work_off(task, [7, 8])
        await task.checkpoint().ended
        return writer.committed

    first, second, last = asyncio.run(committed())
    assert (first[0], second[0], last[0]) == (7, 8, 9)
    assert first[1] + second[1] + last[1] == 20
    assert 3 <= first[1] < 10


@pytest.mark.usefixtures("_short_slices")
def test_much_that_is_pending_is_committed_within_a_record(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        few = Limits(batch_records=1, pending_records=4)
        partitions = Partitions(tmp_path, limits=few)
        task, _, writer = chattering(partitions)
        async with partitions.in_rounds():
            await work_off(task, [7])
        await task.checkpoint().ended
        return writer.committed

    assert asyncio.run(committed()) == [(7, 4), (7, 4), (8, 2)]


@pytest.mark.usefixtures("_short_slices")
def test_a_partition_that_is_given_back_in_the_middle_of_a_record_commits_so_much_of_it(tmp_path: Path) -> None:
    async def told() -> tuple[int, list[tuple[int, int]]]:
        partitions = Partitions(tmp_path)
        task, processor, writer = chattering(partitions)
        closing: list[asyncio.Task[None]] = []

        def look_on(said: int) -> None:
            if said == 3:
                closing.append(asyncio.create_task(partitions.give_back()))

        processor.looks_on = look_on
        await work_off(task, [7, 8])
        await closing[0]
        return processor.said, writer.committed

    said, committed = asyncio.run(told())
    assert committed == [(7, said)]
    assert said < 10


class Waits(Silent):
    """Keeps what a worker tells about how long records wait."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float]] = []

    def waited(self, stage: str, where: Where, seconds: float) -> None:
        self.told.append((where, seconds))


def test_a_partition_tells_how_long_records_wait_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr("time.time", lambda: now)

    async def told() -> list[tuple[str, float]]:
        nonlocal now
        waits = Waits()
        task, _, _ = chattering(Partitions(tmp_path, observer=waits))
        (batch,) = task.accept([record(40), record(50)], 51, 51)
        now = 103.0
        await task.process(batch)
        now = 110.0
        await task.checkpoint().ended
        await task.checkpoint().ended
        return waits.told

    told_of = asyncio.run(told())
    assert [(where, round(seconds, 1)) for where, seconds in told_of] == [("fetch", 60), ("queue", 3), ("round", 7)]


class Watching(Chatterer):
    """A processor that wants to know what of it is committed."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def cut(self) -> None:
        self._seen.append("cut")

    def committed(self) -> None:
        self._seen.append("told")


def test_a_processor_hears_that_it_is_committed_once_it_is(tmp_path: Path) -> None:
    async def done() -> list[str]:
        seen: list[str] = []
        task = Partitions(tmp_path).task(Noting(seen, "committed"), Watching(seen))
        await work_off(task, [7])
        await task.checkpoint().ended
        return seen

    assert asyncio.run(done()) == ["cut", "committed", "told"]
