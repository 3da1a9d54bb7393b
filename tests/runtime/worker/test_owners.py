"""Each partition has an owner, or it is told; spare workers, ignorant leaders, and members that are none of ours."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from hypothesis import given
from hypothesis import strategies as st

from streamproc.runtime.exits import Exit
from streamproc.runtime.worker.owners import decode_given
from tests.runtime.log_reading import create_topics
from tests.runtime.worker_process import WorkerProcess, until

PARTITIONS = 2
POLL_SECONDS = 2.0
ALL_AT_WORK = f"at work: True, {PARTITIONS} of {PARTITIONS} partitions at work"
SPARE = "at work: True, 0 of 0 partitions at work"


class Miser(RoundRobinPartitionAssignor):  # type: ignore[misc]  # aiokafka is untyped here
    """Deals as our workers do, says its name, and gives nothing to anybody."""

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, object]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        return {member: ConsumerProtocolMemberAssignment(0, [], b"") for member in members}


def prepared(kafka: Any, partitions: int = PARTITIONS) -> dict[str, Any]:
    prefix = f"o{uuid4().hex[:8]}."
    topics = dict.fromkeys((f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens"), partitions)
    asyncio.run(create_topics(kafka.bootstrap, topics))
    return {"servers": kafka.bootstrap, "prefix": prefix, "sources": ["events"]}


@asynccontextmanager
async def led_by(assignor: object, wanted: dict[str, Any]) -> AsyncIterator[None]:
    """A member that is no worker of ours, in the group before all others."""
    foreign = AIOKafkaConsumer(
        f"{wanted['prefix']}events",
        bootstrap_servers=wanted["servers"],
        group_id=f"{wanted['prefix']}streamproc-counting",
        partition_assignment_strategy=[assignor],
    )
    await foreign.start()
    try:
        yield
    finally:
        await foreign.stop()


def says(worker: WorkerProcess, line: str) -> bool:
    """Whether this is what it said last of its being at work."""
    said = [each for each in worker.text.splitlines() if each.startswith("at work")]
    return bool(said) and said[-1] == line


@pytest.mark.kafka
def test_a_leader_that_knows_no_topic_yet_gives_everything_to_somebody(kafka: Any, tmp_path: Path) -> None:
    with WorkerProcess(tmp_path, prepared(kafka) | {"ignorant_seconds": 5.0}) as worker:
        until(lambda: worker.ready == PARTITIONS, worker)
        first = next(line for line in worker.text.splitlines() if line.startswith("ready"))
        assert first.endswith(f" of {PARTITIONS}")


@pytest.mark.kafka
def test_a_worker_is_not_at_work_until_what_its_group_left_out_has_an_owner(kafka: Any, tmp_path: Path) -> None:
    wanted = prepared(kafka)
    names = ", ".join(f"{wanted['prefix']}events-{number}" for number in range(PARTITIONS))

    async def left_out_and_mended() -> None:
        with ExitStack() as stack:
            async with led_by(Miser, wanted):
                worker = stack.enter_context(WorkerProcess(tmp_path, wanted))
                told = f"at work: False, 0 of 0 partitions at work; nobody has {names}"
                await asyncio.to_thread(until, lambda: says(worker, told), worker)
            await asyncio.to_thread(until, lambda: says(worker, ALL_AT_WORK), worker)

    asyncio.run(left_out_and_mended())


@pytest.mark.kafka
def test_a_spare_worker_is_at_work_as_others_have_everything_and_takes_over_after_any_time(
    kafka: Any, tmp_path: Path
) -> None:
    wanted = prepared(kafka, partitions=1) | {"poll_seconds": POLL_SECONDS}
    with WorkerProcess(tmp_path / "1", wanted | {"member_id": "one"}) as one:
        until(lambda: one.ready == 1, one)
        with WorkerProcess(tmp_path / "2", wanted | {"member_id": "two"}) as spare:
            until(lambda: says(spare, SPARE), spare)
            idle_since = time.monotonic()
            until(lambda: time.monotonic() - idle_since > 3 * POLL_SECONDS, spare)
            assert one.terminate() == 0
            until(lambda: spare.ready == 1, spare)


@pytest.mark.kafka
def test_a_worker_that_its_group_will_not_have_ends_and_says_so(kafka: Any, tmp_path: Path) -> None:
    wanted = prepared(kafka)

    async def refused() -> WorkerProcess:
        async with led_by(RangePartitionAssignor, wanted):
            with WorkerProcess(tmp_path, wanted) as worker:
                await asyncio.to_thread(worker.wait)
                return worker

    worker = asyncio.run(refused())
    assert worker.process.poll() == Exit.CONFIGURATION
    assert "has a member that is no worker of this stage" in worker.text.splitlines()[-1]


@given(st.binary())
def test_what_a_foreign_dealer_gives_is_read_or_is_nothing(assignment: bytes) -> None:
    decode_given(assignment)
