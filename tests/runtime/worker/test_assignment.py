"""What a worker does with the partitions that the group gives it and takes away, without Kafka."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from streamproc.processor.api import Source, Stage
from streamproc.runtime.worker import assignment
from streamproc.runtime.worker.assigned import AssignedPartition
from streamproc.runtime.worker.assignment import Assignment
from streamproc.runtime.worker.batch import Batch
from streamproc.runtime.worker.offsets import OffsetTable
from streamproc.runtime.worker.takeover import Claim
from streamproc.runtime.worker.transport import Consumer
from streamproc.runtime.worker_settings import WorkerSettings
from tests.runtime.counting_stage import Counter
from tests.runtime.worker.partitions import Partitions, is_member, record, seek, worker_context


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


def test_topics_have_the_rank_that_the_stage_names_them_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def taking_over(*_: Any) -> None:
        await asyncio.Event().wait()

    async def ranks() -> dict[str, int]:
        source = Source(("consents", "orders"), lambda context: Counter("tens", context))
        worker = Assignment(Stage("counting", (source,)), WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path))
        worker._worker = worker_context(tmp_path, source)
        await worker.acquire([TopicPartition("orders", 0), TopicPartition("consents", 0)], seek, is_member)
        given = {claim.partition.topic.name: claim.partition.rank for claim in worker._claims}
        await worker.revoke()
        return given

    monkeypatch.setattr(Claim, "fence", taking_over)
    assert asyncio.run(ranks()) == {"consents": 0, "orders": 1}


def test_offsets_are_asked_for_when_all_older_owners_have_been_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an older owner still commits is known then, and nobody can commit anything after it."""

    async def happened() -> list[str]:
        said: list[str] = []
        opened = asyncio.Event()

        async def fence(claim: Claim) -> None:
            await asyncio.sleep(0.01 * claim.partition.number)
            said.append(f"fenced {claim.partition.number}")

        async def ask(*_: Any) -> OffsetTable:
            said.append("asked for offsets")
            return OffsetTable({}, {}, {})

        async def look(*_: Any) -> None:
            said.append("looked whether topics are the same")

        async def open_all(*_: Any) -> None:
            said.append("opened")
            opened.set()

        monkeypatch.setattr(Claim, "fence", fence)
        monkeypatch.setattr(assignment, "read_offsets", ask)
        monkeypatch.setattr(Assignment, "look_at_topics", look)
        monkeypatch.setattr(Assignment, "_open_all", open_all)
        source = Source(("events",), lambda context: Counter("tens", context))
        worker = Assignment(Stage("counting", (source,)), WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path))
        worker._worker = worker_context(tmp_path, source)
        await worker.acquire([TopicPartition("events", number) for number in range(2)], seek, is_member)
        async with asyncio.timeout(10):
            await opened.wait()
        await worker.revoke()
        return said

    assert asyncio.run(happened()) == [
        "fenced 0",
        "fenced 1",
        "asked for offsets",
        "looked whether topics are the same",
        "opened",
    ]


def test_what_an_earlier_assignment_delivered_is_not_processed(tmp_path: Path) -> None:
    """Its partition may be this worker's again by now, and starts with the same records anew."""

    async def processed() -> list[int]:
        processor: Any = SimpleNamespace(process=lambda _: ())
        task = Partitions(tmp_path).task(processor=processor)
        worker = Assignment(Stage("counting", ()), WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path))
        worker.partitions = {task.partition.source: task}
        (fresh,) = task.accept([record(0)], 1, 1)
        positions = []
        for batch in (Batch(AssignedPartition(task.partition.topic, 0), 1, [record(0)], 1, 0.0), fresh):
            await worker.process(batch)
            positions.append(task.position)
        return positions

    assert asyncio.run(processed()) == [0, 1]


def test_a_worker_that_stops_takes_nothing_over_any_more(tmp_path: Path) -> None:
    async def owned() -> int:
        settings = WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path)
        assignment = Assignment(Stage("counting", ()), settings)
        await assignment.stop()
        await assignment.acquire([TopicPartition("events", 0)], seek, is_member)
        return len(assignment._claims)

    assert asyncio.run(owned()) == 0


def test_partitions_are_closed_before_others_are_opened_also_if_faust_gives_up_waiting(tmp_path: Path) -> None:
    async def happened() -> list[str]:
        said: list[str] = []

        class Slow:
            partition = SimpleNamespace(topic=SimpleNamespace(name="events"), number=0)

            async def close(self) -> None:
                await asyncio.sleep(0.1)
                said.append("closed")

        assignment = Assignment(Stage("counting", ()), WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path))
        assignment._claims = [cast("Claim", Slow())]
        revocation = asyncio.create_task(assignment.revoke())
        await asyncio.sleep(0)
        revocation.cancel()
        with pytest.raises(RuntimeError, match="before the worker was started"):
            await assignment.acquire([], seek, is_member)
        return said

    assert asyncio.run(happened()) == ["closed"]
