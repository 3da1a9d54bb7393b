"""Test-only switches of a worker: some make faults hit harder, some break the promise to see that the harness notices.

They patch the runtime inside a test's own worker process; the product has none of them.
"""

import asyncio
import mmap
import os
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import TopicPartition
from aiokafka.producer import message_accumulator

from streamproc.cli import workers as working
from streamproc.processor.api import OwnedSource
from streamproc.runtime.state.source_position import POSITION_KEY, SourcePosition
from streamproc.runtime.telemetry.worker import MetricsObserver
from streamproc.runtime.watermarks import MarkWriter
from streamproc.runtime.worker.assignment import Assignment
from streamproc.runtime.worker.partition_states import DurableStates
from streamproc.runtime.worker.transaction import Row, TransactionalWriter
from streamproc.runtime.worker_settings import Timeouts, WorkerSettings
from tests.faults.network import enter


@dataclass(frozen=True)
class Switches:
    """How a test's worker differs from the product's.

    Attributes:
        hold_seconds: how long each transaction is kept open, and what Kafka says of the raw topics' ends is on its way,
            as if it were slow: most faults then hit an open transaction, and events come behind the ends.
        pause_guard: off: only Kafka's fencing is against zombies.
        namespace: the network that the workers with the number 0 are in.
        clock: a file with the seconds that the worker's wall clock is ahead.
        broken: one of `HOW_TO_BREAK`.
    """

    hold_seconds: float = 0.0
    pause_guard: bool = True
    namespace: str | None = None
    clock: Path | None = None
    broken: str | None = None

    def apply(self) -> None:
        """Patch this process."""
        if self.namespace is not None:
            enter(self.namespace)
        ratio = 0.4 if self.pause_guard else 1e6
        timeouts = Timeouts(connect_seconds=60.0, watch_seconds=1.0, pause_ratio=ratio)
        _patch(working, "WorkerSettings", partial(WorkerSettings, timeouts=timeouts))
        _patch(working, "MetricsObserver", Telling)
        if self.clock is not None:
            _set_clock(self.clock)
        if self.broken is not None:
            HOW_TO_BREAK[self.broken]()
        if self.hold_seconds:
            _hold_open(self.hold_seconds)
            _answer_late(self.hold_seconds)


class Telling(MetricsObserver):
    """Prints what the harness waits for, and each partition's first and last commit in this worker's hands."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._committed: dict[str, float] = {}

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:
        super().checkpointed(stage, topic, partition, seconds, records)
        place, now = f"{topic}-{partition}", time.monotonic()
        if place not in self._committed:
            print(f"began {place} at {now:.3f}", flush=True)
        self._committed[place] = now

    def gave_back(self, topic: str, partition: int) -> None:
        super().gave_back(topic, partition)
        if (last := self._committed.pop(place := f"{topic}-{partition}", None)) is not None:
            print(f"left {place} at {last:.3f}", flush=True)

    def ready(self, owned: int, ready: int) -> None:
        super().ready(owned, ready)
        print(f"ready {ready} of {owned}", flush=True)


def _patch(owner: Any, name: str, replacement: Any) -> None:
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name} any more: correct tests/faults/switches.py")
    setattr(owner, name, replacement)


def _hold_open(seconds: float) -> None:
    write = TransactionalWriter._write

    async def write_slowly(self: TransactionalWriter, target: TopicPartition, rows: Sequence[Row]) -> int:
        end = await write(self, target, rows)
        await asyncio.sleep(seconds)
        return end

    _patch(TransactionalWriter, "_write", write_slowly)


def _answer_late(seconds: float) -> None:
    ask = MarkWriter._at_end

    async def ask_slowly(self: MarkWriter, owned: list[OwnedSource], asker: Any) -> set[tuple[str, int]]:
        answer = await ask(self, owned, asker)
        await asyncio.sleep(seconds)
        return answer

    _patch(MarkWriter, "_at_end", ask_slowly)


def _no_fencing() -> None:
    """Each owner has a transactional id of its own, so that a new one fences nobody."""
    make = TransactionalWriter.__init__

    def make_unfenced(self: TransactionalWriter, client: Mapping[str, Any], name: str, *more: Any) -> None:
        make(self, client, f"{name}-{uuid4().hex}", *more)

    _patch(TransactionalWriter, "__init__", make_unfenced)


def _store_first() -> None:
    """What is about to be committed is in the local store already."""
    begin = DurableStates.begin_commit

    def begin_and_store(self: DurableStates, mark: SourcePosition) -> Mapping[TopicPartition, Sequence[Row]]:
        rows = begin(self, mark)
        if (position := self._store.position()) is not None:
            self._store.write([change for change in self._in_commit if change[0] != POSITION_KEY], position)
        return rows

    _patch(DurableStates, "begin_commit", begin_and_store)


def _offset_outside() -> None:
    """The source offset is committed in a second transaction, a moment after the first."""

    async def commit_apart(
        self: TransactionalWriter, records: Mapping[Any, Sequence[Row]], source: TopicPartition, offset: int, group: str
    ) -> Mapping[Any, int]:
        await self._producer.begin_transaction()
        ends = await asyncio.gather(*(self._write(target, rows) for target, rows in records.items()))
        await self._producer.commit_transaction()
        await asyncio.sleep(0.1)
        await self._producer.begin_transaction()
        await self._producer.send_offsets_to_transaction({source: offset}, group)
        await self._producer.commit_transaction()
        return dict(zip(records, ends, strict=True))

    _patch(TransactionalWriter, "commit", commit_apart)


def _marks_before_commit() -> None:
    """What was read counts as committed."""

    def owned(self: Assignment) -> list[OwnedSource]:
        return [
            OwnedSource(
                task.partition.topic.name,
                task.partition.number,
                max(task.position, task.deliveries.fetched_to),
                task.processor,
            )
            for task in self.partitions.values()
        ]

    _patch(Assignment, "owned", owned)


def _clock_after_ends() -> None:
    """Marks speak of the moment at which the ends are known, not of that at which they were asked for."""
    reach = MarkWriter._reached

    def reach_further(self: MarkWriter, owned: Any, at_end: Any, _: int | None) -> Any:
        return reach(self, owned, at_end, time.time_ns() // 1_000_000 - self._settings.watermark.lateness_ms)

    _patch(MarkWriter, "_reached", reach_further)


HOW_TO_BREAK = {
    "no-fencing": _no_fencing,
    "store-first": _store_first,
    "offset-outside": _offset_outside,
    "marks-before-commit": _marks_before_commit,
    "clock-after-ends": _clock_after_ends,
}


def write_clock(path: Path, seconds: float) -> None:
    """Let the wall clocks of the workers with this file be ahead (or behind) by so much."""
    if path.exists():
        with path.open("r+b") as file:
            file.write(struct.pack("d", seconds))
    else:
        path.write_bytes(struct.pack("d", seconds))


def _set_clock(path: Path) -> None:
    """The wall clock of this process, also for the timestamps of the records that it writes; monotonic time stays."""
    descriptor = os.open(path, os.O_RDONLY)
    ahead = mmap.mmap(descriptor, 8, access=mmap.ACCESS_READ)
    real: Callable[[], float] = time.time
    real_ns: Callable[[], int] = time.time_ns

    def now() -> float:
        return real() + float(struct.unpack("d", ahead)[0])

    def now_ns() -> int:
        return real_ns() + int(1e9 * struct.unpack("d", ahead)[0])

    time.time, time.time_ns = now, now_ns
    append = message_accumulator.BatchBuilder.append

    def append_timed(self: Any, *, timestamp: int | None, **record: Any) -> Any:
        return append(self, timestamp=int(1000 * now()) if timestamp is None else timestamp, **record)

    _patch(message_accumulator.BatchBuilder, "append", append_timed)
