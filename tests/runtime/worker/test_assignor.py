"""Each partition of a stage's topics gets an owner who keeps it, whatever the leader's client and the members know."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from hypothesis import given
from hypothesis import strategies as st

from streamproc.runtime.worker.assignor import StickyAssignor
from tests.runtime.log_reading import create_topics

COUNTS = {"a": 5, "b": 3}
PARTITIONS = 48
ALL = [(topic, number) for topic, count in COUNTS.items() for number in range(count)]


def assigned(members: dict[str, bytes]) -> dict[str, list[tuple[str, int]]]:
    """What a leader without metadata gives to members who say this of themselves."""
    asked = {name: ConsumerProtocolMemberMetadata(0, sorted(COUNTS), said) for name, said in members.items()}
    given_away = StickyAssignor(COUNTS, lambda: 1).assign(ClusterMetadata(), asked)
    return {name: [tuple(each) for each in assignment.partitions()] for name, assignment in given_away.items()}


def owned_by_all(given_away: dict[str, list[tuple[str, int]]]) -> list[tuple[str, int]]:
    return sorted(each for share in given_away.values() for each in share)


@given(st.lists(st.binary() | st.sampled_from([b"", b"{}", b'{"partitions":[1]}', b'{"generation":1e99}']), min_size=1))
def test_whatever_members_write_each_partition_goes_to_one_of_them(said: list[bytes]) -> None:
    given_away = assigned({f"m{number}": each for number, each in enumerate(said)})
    assert owned_by_all(given_away) == ALL


def test_a_member_keeps_what_it_was_given_last() -> None:
    generation = 6
    assignor = StickyAssignor(COUNTS, lambda: generation)
    alone = {"m": assignor.metadata(COUNTS)}
    assignor.on_assignment(assignor.assign(ClusterMetadata(), alone)["m"])
    had_all = assignor.metadata(COUNTS).user_data
    generation, given_away = 7, assigned({"a newcomer": b"", "m": had_all})
    assert owned_by_all(given_away) == ALL
    assert len(given_away["m"]) == len(ALL) // 2
    newer = StickyAssignor(COUNTS, lambda: generation)
    newer.on_assignment(StickyAssignor(COUNTS, lambda: 0).assign(ClusterMetadata(), alone)["m"])
    stale_and_newer = assigned({"a, stale": had_all, "z": newer.metadata(COUNTS).user_data})
    assert {("a", 0), ("b", 0)} <= set(stale_and_newer["z"])


class Group:
    """Consumers of one topic as workers are, without the work."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._client = {"bootstrap_servers": bootstrap, "group_id": f"{topic}-readers", "heartbeat_interval_ms": 100}
        self._topic = topic
        self.consumers: list[AIOKafkaConsumer] = []

    async def join(self, assignor: Any = None, copies: list[int] | None = None) -> None:
        """One more, and wait until everything is given away again."""
        known = {self._topic: copies or []}
        made = assignor or StickyAssignor({self._topic: PARTITIONS}, lambda: consumer._coordinator.generation, known)
        consumer = AIOKafkaConsumer(self._topic, partition_assignment_strategy=[made], **self._client)
        self.consumers.append(consumer)
        await consumer.start()
        await self._settled()

    async def leave(self, number: int) -> None:
        """One less, and wait until everything is given away again."""
        await self.consumers.pop(number).stop()
        await self._settled()

    def owners(self) -> dict[int, AIOKafkaConsumer]:
        return {each.partition: consumer for consumer in self.consumers for each in consumer.assignment()}

    async def _settled(self) -> None:
        async with asyncio.timeout(60):
            while not self._is_settled():  # noqa: ASYNC110  the consumers tell nobody
                await asyncio.sleep(0.05)

    def _is_settled(self) -> bool:
        counts = [len(consumer.assignment()) for consumer in self.consumers]
        fair = all(PARTITIONS // len(counts) <= count <= -(-PARTITIONS // len(counts)) for count in counts)
        return fair and len(self.owners()) == sum(counts) == PARTITIONS


@asynccontextmanager
async def group(bootstrap: str) -> AsyncIterator[Group]:
    topic = f"sticky{uuid4().hex[:8]}"
    await create_topics(bootstrap, {topic: PARTITIONS})
    readers = Group(bootstrap, topic)
    try:
        yield readers
    finally:
        await asyncio.gather(*(consumer.stop() for consumer in readers.consumers))


def moved(before: dict[int, AIOKafkaConsumer], after: dict[int, AIOKafkaConsumer]) -> int:
    return sum(after[number] is not owner for number, owner in before.items())


@pytest.mark.kafka
def test_one_more_of_eight_moves_only_what_it_gets_and_one_less_only_what_it_had(kafka: Any) -> None:
    async def moves() -> tuple[int, int]:
        async with group(kafka.bootstrap) as readers:
            for _ in range(8):
                await readers.join()
            eight = readers.owners()
            await readers.join()
            nine = readers.owners()
            await readers.leave(0)
            return moved(eight, nine), moved(nine, readers.owners())

    joined, left = asyncio.run(moves())
    assert joined == PARTITIONS // 9
    assert left in (PARTITIONS // 9, PARTITIONS // 9 + 1)


@pytest.mark.kafka
def test_a_worker_that_comes_back_without_a_name_gets_the_partitions_that_it_has_copies_of(kafka: Any) -> None:
    copies = list(range(0, PARTITIONS, 2))

    async def given_to_the_second() -> set[int]:
        async with group(kafka.bootstrap) as readers:
            await readers.join()
            await readers.join(copies=copies)
            return {number for number, owner in readers.owners().items() if owner is readers.consumers[1]}

    assert asyncio.run(given_to_the_second()) == set(copies)


@pytest.mark.kafka
def test_members_of_an_earlier_release_share_with_those_of_this_one(kafka: Any) -> None:
    """It deals round robin, and says nothing of what it has; whoever leads, each partition has one owner."""

    async def shared() -> None:
        async with group(kafka.bootstrap) as readers:
            for assignor in (RoundRobinPartitionAssignor, None, None):
                await readers.join(assignor)
            await readers.leave(0)
            await readers.join(RoundRobinPartitionAssignor)

    asyncio.run(shared())
