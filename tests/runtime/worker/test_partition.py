"""What an owned partition tells of itself, without Kafka."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from streamproc.processor.api import Emitted, Record, Resumable, Source, Stage, Step
from streamproc.runtime.state.store import RocksMemory
from streamproc.runtime.worker import turns
from streamproc.runtime.worker.assignment import Assignment
from streamproc.runtime.worker.context import WorkerContext
from streamproc.runtime.worker.guard import PauseGuard
from streamproc.runtime.worker.layout import Layout, SourceTopic
from streamproc.runtime.worker.partition import PartitionTask
from streamproc.runtime.worker.transport import Consumer
from streamproc.runtime.worker_settings import Limits, Timeouts, WorkerSettings
from tests.runtime.counting_stage import Counter


def worker_context(
    tmp_path: Path, source: Source, revoke_seconds: float = 5.0, limits: Limits | None = None
) -> WorkerContext:
    topics = {name: SourceTopic(name, name, "id", source, None) for name in source.topics}
    layout = Layout("group", "", topics, dict.fromkeys(topics, 1), {"tens": 1}, {}, {})
    settings = WorkerSettings(
        {"bootstrap_servers": "nowhere:1"},
        tmp_path,
        limits=limits or Limits(),
        timeouts=Timeouts(revoke_seconds=revoke_seconds),
    )
    return WorkerContext("counting", settings, layout, PauseGuard(60), RocksMemory(1 << 20, 1 << 20))


def owned_partition(tmp_path: Path, revoke_seconds: float = 5.0, limits: Limits | None = None) -> PartitionTask:
    context = worker_context(
        tmp_path, Source(("events",), lambda context: Counter("tens", context)), revoke_seconds, limits
    )
    return PartitionTask(context.layout.sources["events"], 0, context)


async def is_member() -> bool:
    """What the group says of a worker that is in it."""
    return True


def record(offset: int) -> Any:
    return SimpleNamespace(offset=offset, timestamp=1000 * offset, key=b"k", value=b"1", headers=())


def test_what_is_said_to_be_committed_never_goes_back(tmp_path: Path) -> None:
    async def told() -> list[int]:
        owned = owned_partition(tmp_path)
        owned.accept([], fetched_to=11, log_end=11)  # ten records' transaction marker, and nothing to do
        at_end = owned.committed_through
        owned.accept([record(11)], fetched_to=12, log_end=12)
        return [at_end, owned.committed_through]

    assert asyncio.run(told()) == [11, 11]


class SlowWriter:
    """Stands for a producer whose transaction takes until `go`."""

    def __init__(self) -> None:
        self.began, self.go, self.transactions = asyncio.Event(), asyncio.Event(), 0

    async def commit(self, *_: Any) -> dict[Any, int]:
        self.transactions += 1
        self.began.set()
        await self.go.wait()
        return {}

    async def stop(self) -> None: ...


def test_giving_a_partition_back_does_not_break_off_the_transaction_of_an_earlier_one(tmp_path: Path) -> None:
    async def transactions() -> int:
        consents, orders = owned_partition(tmp_path), owned_partition(tmp_path)
        writer: Any = SlowWriter()
        consents._writer, consents.position, consents.ready = writer, 1, True
        orders.earlier = [consents]
        orders._checkpoints = asyncio.create_task(orders._checkpoint_regularly())
        await writer.began.wait()
        await orders.close()
        writer.go.set()
        await consents.close()
        return int(writer.transactions)

    assert asyncio.run(transactions()) == 1


class Noting(SlowWriter):
    """Stands for a producer; notes whose it is when it commits."""

    def __init__(self, seen: list[str], name: str) -> None:
        super().__init__()
        self._seen, self._name = seen, name

    async def commit(self, *_: Any) -> dict[Any, int]:
        self._seen.append(self._name)
        return {}


def test_what_the_stage_names_first_is_committed_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def taking_over(*_: Any) -> None:
        await asyncio.Event().wait()

    async def seek(partition: TopicPartition, offset: int) -> None: ...

    async def committed() -> list[str]:
        seen: list[str] = []
        source = Source(("consents", "orders"), lambda context: Counter("tens", context))
        worker = Assignment(Stage("counting", (source,)), WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path))
        worker._worker = worker_context(tmp_path, source)
        await worker.acquire([TopicPartition("orders", 0), TopicPartition("consents", 0)], seek, is_member)
        for partition in worker.partitions.values():
            partition._writer, partition.position = cast("Any", Noting(seen, partition.topic.name)), 1
            partition.ready = True
        orders = worker.partitions[TopicPartition("orders", 0)]
        orders._checkpoints = asyncio.create_task(orders._checkpoint_regularly())
        while "orders" not in seen:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await worker.revoke()
        return seen

    monkeypatch.setattr(PartitionTask, "fence", taking_over)
    assert asyncio.run(committed()) == ["consents", "orders"]


def test_a_seek_waits_for_the_fetch_that_is_under_way() -> None:
    """Or what that one brings is from before it, and is taken for what comes after it."""

    async def done() -> list[str]:
        said: list[str] = []
        began, go, source = asyncio.Event(), asyncio.Event(), TopicPartition("events", 0)

        async def call_thread(*_: Any) -> dict[Any, Any]:
            began.set()
            await go.wait()
            said.append("fetched")
            return {}

        async def seek_wait(_: Any) -> None:
            said.append("sought")

        consumer: Any = SimpleNamespace(
            _fetching=asyncio.Lock(),
            _resumed=True,
            flow_active=True,
            ours=SimpleNamespace(partitions={source: SimpleNamespace(wants_records=True)}),
            _thread=SimpleNamespace(call_thread=call_thread, fetch=None),
            seek_wait=seek_wait,
        )
        fetching = asyncio.create_task(Consumer._fetch(consumer))
        await began.wait()
        seeking = asyncio.create_task(Consumer._seek_between_fetches(consumer, source, 7))
        await asyncio.wait([seeking], timeout=0.05)
        go.set()
        await asyncio.gather(fetching, seeking)
        return said

    assert asyncio.run(done()) == ["fetched", "sought"]


def cancelled_drain(*, should_stop: bool) -> None:
    """What Faust's fetcher sees when it is cancelled while it waits for us."""

    async def cancelled(_: Any) -> None:
        raise asyncio.CancelledError

    consumer: Any = SimpleNamespace(wait_for_stopped=cancelled, app=SimpleNamespace(should_stop=should_stop))
    asyncio.run(Consumer._drain_messages(consumer, SimpleNamespace(_shutdown=None)))


def test_a_stop_in_the_middle_of_a_rebalance_is_no_crash() -> None:
    cancelled_drain(should_stop=True)
    with pytest.raises(asyncio.CancelledError):
        cancelled_drain(should_stop=False)


def test_a_worker_that_stops_takes_nothing_over_any_more(tmp_path: Path) -> None:
    async def seek(partition: TopicPartition, offset: int) -> None: ...

    async def owned() -> int:
        settings = WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path)
        assignment = Assignment(Stage("counting", ()), settings)
        await assignment.stop()
        await assignment.acquire([TopicPartition("events", 0)], seek, is_member)
        return len(assignment.partitions)

    assert asyncio.run(owned()) == 0


def test_partitions_are_closed_before_others_are_opened_also_if_faust_gives_up_waiting(tmp_path: Path) -> None:
    async def seek(partition: TopicPartition, offset: int) -> None: ...

    async def happened() -> list[str]:
        said: list[str] = []

        class Slow:
            topic, partition = SimpleNamespace(name="events"), 0

            async def close(self) -> None:
                await asyncio.sleep(0.1)
                said.append("closed")

        assignment = Assignment(Stage("counting", ()), WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path))
        assignment.partitions = {TopicPartition("events", 0): cast("PartitionTask", Slow())}
        revocation = asyncio.create_task(assignment.revoke())
        await asyncio.sleep(0)
        revocation.cancel()
        with pytest.raises(RuntimeError, match="before the worker was started"):
            await assignment.acquire([], seek, is_member)
        return said

    assert asyncio.run(happened()) == ["closed"]


class SlowToBegin(SlowWriter):
    """Stands for a producer that is broken off before its transaction has begun; keeps what it commits afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: list[tuple[int, int]] = []

    async def commit(self, records: Any, offset: int, _: str) -> dict[Any, int]:
        self.transactions += 1
        self.began.set()
        await self.go.wait()
        self.committed.append((offset, len(records)))
        return {}


def test_after_a_dropped_checkpoint_no_other_one_commits_the_offset_without_its_outputs(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        owned, writer = owned_partition(tmp_path, revoke_seconds=0.05), SlowToBegin()
        owned._writer, owned.position, owned.ready = cast("Any", writer), 1, True
        owned._outputs._rows = {TopicPartition("out", 0): [(b"k", b"v", ())]}
        closing = asyncio.create_task(owned.close())
        await writer.began.wait()
        waiting = asyncio.create_task(owned.checkpoint())  # as that of a later topic's partition, or the agent's
        await closing
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
                yield Emitted("tens", b"k", b"%d" % self.said)
                self.said += 1
                self.looks_on(self.said)
                yield Resumable(each.offset)


class Writer(SlowWriter):
    """Stands for a producer; keeps the offset and the number of records of each transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: list[tuple[int, int]] = []

    async def commit(self, records: Any, offset: int, _: str) -> dict[Any, int]:
        self.committed.append((offset, sum(map(len, records.values()))))
        return {}


def chattering(owned: PartitionTask) -> tuple[Chatterer, Writer]:
    processor, writer = Chatterer(), Writer()
    owned._processor, owned._writer, owned.ready = processor, cast("Any", writer), True
    return processor, writer


async def work_off(owned: PartitionTask, offsets: Sequence[int]) -> None:
    for batch in owned.accept([record(offset) for offset in offsets], offsets[-1] + 1, offsets[-1] + 1):
        await owned.process(batch)


@pytest.fixture
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SLICE_SECONDS", 0.0)


@pytest.mark.usefixtures("_short_slices")
def test_a_checkpoint_in_the_middle_of_a_record_keeps_its_offset(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        owned = owned_partition(tmp_path)
        processor, writer = chattering(owned)
        checkpoints: list[asyncio.Task[None]] = []

        def look_on(said: int) -> None:
            if said in {3, 15}:
                checkpoints.append(asyncio.create_task(owned.checkpoint()))

        processor.looks_on = look_on
        await work_off(owned, [7, 8])
        await asyncio.gather(*checkpoints)
        await owned.checkpoint()
        return writer.committed

    first, second, last = asyncio.run(committed())
    assert (first[0], second[0], last[0]) == (7, 8, 9)
    assert first[1] + second[1] + last[1] == 20
    assert 3 <= first[1] < 10


@pytest.mark.usefixtures("_short_slices")
def test_much_that_is_pending_is_committed_within_a_record(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        owned = owned_partition(tmp_path, limits=Limits(batch_records=1, pending_records=4))
        _, writer = chattering(owned)
        await work_off(owned, [7])
        await owned.checkpoint()
        return writer.committed

    assert asyncio.run(committed()) == [(7, 4), (7, 4), (8, 2)]


@pytest.mark.usefixtures("_short_slices")
def test_a_partition_that_is_given_back_in_the_middle_of_a_record_commits_so_much_of_it(tmp_path: Path) -> None:
    async def told() -> tuple[int, list[tuple[int, int]]]:
        owned = owned_partition(tmp_path)
        processor, writer = chattering(owned)
        closing: list[asyncio.Task[None]] = []

        def look_on(said: int) -> None:
            if said == 3:
                closing.append(asyncio.create_task(owned.close()))

        processor.looks_on = look_on
        await work_off(owned, [7, 8])
        await closing[0]
        return processor.said, writer.committed

    said, committed = asyncio.run(told())
    assert committed == [(7, said)]
    assert said < 10


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
        owned = owned_partition(tmp_path)
        chattering(owned)
        owned._observed, owned._writer = Watching(seen), cast("Any", Noting(seen, "committed"))
        await work_off(owned, [7])
        await owned.checkpoint()
        return seen

    assert asyncio.run(done()) == ["cut", "committed", "told"]
