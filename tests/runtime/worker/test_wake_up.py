"""A mark that wakes very many customers at once: it takes many transactions, and whoever takes over goes on with it."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streamproc.events.log import CONTROL_KEY, TWICE, Complete, encode_record
from streamproc.events.times import MINUTE_MS
from streamproc.events.topics import LOG_TOPIC, SUPPRESSIONS_TOPIC
from streamproc.processor.partitioner import partition_of
from tests.builders import NOON_MS, add
from tests.runtime.deciding import Deciding
from tests.runtime.worker_process import until

pytestmark = pytest.mark.kafka

CARTS = 4_000
"""Waking them takes many transactions."""
MORTAL = [sys.executable, str(Path(__file__).with_name("mortal_release.py"))]


def carts(partitions: int) -> list[Any]:
    """So many carts of as many customers, all in the first partition of the log."""
    names = (f"c{number}" for number in range(CARTS * partitions * 2))
    own = [name for name in names if partition_of(f"c/{name}".encode(), partitions) == 0]
    return [add(customer_id=name) for name in own[:CARTS]]


def complete(minutes: int) -> bytes:
    through_ms = NOON_MS + minutes * MINUTE_MS
    return encode_record(Complete(hops=TWICE, through_ms=through_ms), through_ms, through_ms)


def end_of(world: Deciding, topic: str) -> int:
    """Where the first partition of a topic ends for those who read committed records only."""

    async def end() -> int:
        async with AIOKafkaConsumer(bootstrap_servers=world.bootstrap, isolation_level="read_committed") as consumer:
            place = TopicPartition(world.on_cluster(topic), 0)
            return int((await consumer.end_offsets([place]))[place])

    return asyncio.run(end())


def test_a_mark_that_wakes_thousands_is_gone_on_with_after_a_kill_in_its_middle(kafka: Any, tmp_path: Path) -> None:
    world = Deciding(kafka.bootstrap, tmp_path)
    world.send(carts(world.partitions))
    with world.worker("first", MORTAL) as first:
        until(lambda: "took over" in first.text, first)
        until(lambda: world.committed() >= CARTS // 2, first)
        until(lambda: world.committed() >= CARTS, first)
        at_mark = world.committed()
        asyncio.run(world.write(LOG_TOPIC, CONTROL_KEY, complete(24 * 60), 0))
        until(lambda: first.process.poll() is not None)
    assert world.committed() == at_mark
    assert 0 < end_of(world, SUPPRESSIONS_TOPIC) < CARTS
    with world.worker("second") as second:
        until(lambda: "took over" in second.text, second)
        until(lambda: world.committed() > at_mark, second)
        assert second.terminate() == 0
    expected = world.oracle()
    assert world.states() == expected.states
    assert world.facts() == expected.facts
