"""Where a transaction's records end, without Kafka."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from streamproc.runtime.worker import transaction
from streamproc.runtime.worker.guard import PauseGuard
from streamproc.runtime.worker.transaction import Row, TransactionalWriter

STATE, OFFERS = TopicPartition("state", 0), TopicPartition("offers", 0)


class Producer:
    """Stands for a producer whose batches take two records, on partitions that begin at given offsets."""

    def __init__(self, begins: dict[TopicPartition, int]) -> None:
        self.ends = begins
        self.done: list[str] = []

    def create_batch(self) -> Any:
        return Batch()

    async def begin_transaction(self) -> None:
        self.done.append("begin")

    async def send_batch(self, batch: Any, topic: str, partition: int) -> asyncio.Future[Any]:
        place = TopicPartition(topic, partition)
        acknowledged = asyncio.get_running_loop().create_future()
        acknowledged.set_result(SimpleNamespace(offset=self.ends[place]))
        self.ends[place] += batch.record_count()
        self.done.append(topic)
        return acknowledged

    async def send_offsets_to_transaction(self, offsets: Any, group: str) -> None:
        self.done.append("offsets")

    async def commit_transaction(self) -> None:
        self.done.append("commit")


class Batch:
    """Takes two records."""

    def __init__(self) -> None:
        self._count = 0

    def append(self, **_: Any) -> object | None:
        if self._count == 2:
            return None
        self._count += 1
        return object()

    def record_count(self) -> int:
        return self._count

    def size(self) -> int:
        return 100 * self._count

    def close(self) -> None: ...


Committed = Callable[[Producer, dict[TopicPartition, list[Row]]], dict[TopicPartition, int]]


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch) -> Committed:
    """Commits records with a producer; gives what the writer tells of their ends."""

    def commit(producer: Producer, records: dict[TopicPartition, list[Row]]) -> dict[TopicPartition, int]:
        monkeypatch.setattr(transaction, "make_producer", lambda *_, **__: producer)
        writer = TransactionalWriter({}, "id", 1 << 20, {}, PauseGuard(60))
        return dict(asyncio.run(writer.commit(records, {TopicPartition("source", 0): 1}, "group")))

    return commit


def rows(count: int) -> list[Row]:
    return [(b"k", b"%d" % number, ()) for number in range(count)]


def test_a_transaction_tells_the_offset_behind_the_last_record_of_each_partition(committed: Committed) -> None:
    producer = Producer({STATE: 40, OFFERS: 7})
    assert committed(producer, {STATE: rows(5), OFFERS: rows(2)}) == {STATE: 45, OFFERS: 9} == producer.ends


def test_the_source_offset_is_committed_behind_the_records_in_the_same_transaction(committed: Committed) -> None:
    producer = Producer({STATE: 0})
    committed(producer, {STATE: rows(3)})
    assert producer.done == ["begin", "state", "state", "offsets", "commit"]
