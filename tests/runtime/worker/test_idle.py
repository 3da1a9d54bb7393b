"""Kafka forgets a transactional id that is idle for a week; here after seconds."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from streamproc.broker import directory as broker_directory
from streamproc.broker.config import server_properties
from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.exits import Exit
from streamproc.runtime.worker.forgotten import AskGroup, OwnersWriter, ReplacedError
from streamproc.runtime.worker.guard import PauseGuard
from streamproc.runtime.worker.transaction import TransactionalWriter
from tests.runtime.counted import assert_counted_once
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

FORGETFUL = """
transactional.id.expiration.ms=2000
transaction.remove.expired.transaction.cleanup.interval.ms=500
producer.id.expiration.ms=2000
producer.id.expiration.check.interval.ms=500
"""
PATIENCE_SECONDS = 30.0
EVENTS = 60


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Kafka that forgets after two seconds."""

    def properties(*wanted: Any) -> str:
        return server_properties(*wanted) + FORGETFUL

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(broker_directory, "server_properties", properties)
        with EmbeddedKafka(BrokerSettings(tmp_path_factory.mktemp("forgetful"))) as kafka:
            yield kafka.bootstrap


@pytest.fixture
def prefix() -> str:
    return f"i{uuid4().hex[:8]}."


async def true() -> bool:
    return True


async def false() -> bool:
    return False


class Idle:
    """A partition whose owner has committed up to 5 and then does nothing for longer than Kafka remembers it."""

    def __init__(self, bootstrap: str, prefix: str, is_member: AskGroup) -> None:
        self.bootstrap, self.name, self.group = bootstrap, f"{prefix}id", f"{prefix}group"
        self.source = TopicPartition(f"{prefix}events", 0)
        self.owner = self.writer(is_member)

    def writer(self, is_member: AskGroup = true) -> OwnersWriter:
        return OwnersWriter(
            TransactionalWriter({"bootstrap_servers": self.bootstrap}, self.name, 1 << 16, {}, PauseGuard(60)),
            self.source,
            {"bootstrap_servers": self.bootstrap},
            is_member,
        )

    async def begin(self) -> None:
        await create_topics(self.bootstrap, {self.source.topic: 1})
        await self.owner.fence()
        await self.owner.commit({}, 5, self.group)

    async def until_forgotten(self) -> None:
        """Until Kafka has removed the transactional id from its own log."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while await is_remembered(self.bootstrap, self.name):
            assert time.monotonic() < deadline, "Kafka did not forget"
            await asyncio.sleep(0.2)


async def is_remembered(bootstrap: str, name: str) -> bool:
    values = [
        record.value
        async for record in read_to_end({"bootstrap_servers": bootstrap}, "__transaction_state")
        if record.key is not None and record.key.endswith(name.encode())
    ]
    return values[-1] is not None


def test_the_owner_fences_anew_and_repeats_the_transaction(forgetful: str, prefix: str) -> None:
    async def committed() -> list[int]:
        idle = Idle(forgetful, prefix, true)
        await idle.begin()
        await idle.until_forgotten()
        await idle.owner.commit({}, 9, idle.group)
        await idle.owner.stop()
        return list((await committed_offsets(forgetful, idle.group)).values())

    assert asyncio.run(committed()) == [9]


def test_one_that_left_the_group_does_not_touch_its_successor(forgetful: str, prefix: str) -> None:
    async def committed() -> list[int]:
        idle = Idle(forgetful, prefix, false)
        await idle.begin()
        await idle.until_forgotten()
        successor = idle.writer()
        await successor.fence()
        with pytest.raises(ReplacedError, match="not in the group any more"):
            await idle.owner.commit({}, 9, idle.group)
        await successor.commit({}, 7, idle.group)
        await asyncio.gather(idle.owner.stop(), successor.stop())
        return list((await committed_offsets(forgetful, idle.group)).values())

    assert asyncio.run(committed()) == [7]


def test_one_whose_successor_has_committed_repeats_nothing(forgetful: str, prefix: str) -> None:
    async def committed() -> list[int]:
        idle = Idle(forgetful, prefix, true)
        await idle.begin()
        await idle.until_forgotten()
        successor = idle.writer()
        await successor.fence()
        await successor.commit({}, 7, idle.group)
        with pytest.raises(ReplacedError, match="meanwhile 5 became 7"):
            await idle.owner.commit({}, 9, idle.group)
        await asyncio.gather(idle.owner.stop(), successor.stop())
        return list((await committed_offsets(forgetful, idle.group)).values())

    assert asyncio.run(committed()) == [7]


def test_events_after_an_idle_week_are_counted_once_by_the_same_worker(
    forgetful: str, prefix: str, tmp_path: Path
) -> None:
    asyncio.run(
        create_topics(forgetful, dict.fromkeys((f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens"), 2))
    )
    wanted = {"servers": forgetful, "prefix": prefix, "sources": ["events"]}

    def has_committed(count: int) -> bool:
        return sum(asyncio.run(committed_offsets(forgetful, f"{prefix}streamproc-counting")).values()) >= count

    with WorkerProcess(tmp_path, wanted) as worker:
        until(lambda: worker.ready == 2, worker)
        asyncio.run(send_events(forgetful, f"{prefix}events", 2, range(EVENTS)))
        until(lambda: has_committed(EVENTS), worker)
        until(lambda: not any(asyncio.run(is_remembered(forgetful, f"events-{p}")) for p in range(2)), worker)
        asyncio.run(send_events(forgetful, f"{prefix}events", 2, range(EVENTS, 2 * EVENTS)))
        until(lambda: has_committed(2 * EVENTS), worker)
        assert worker.text.count("fenced anew") == 2
        assert worker.terminate() == Exit.DONE
    assert_counted_once(forgetful, prefix, "events")
