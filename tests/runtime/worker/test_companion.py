"""What a stage's companion sees of its worker."""

import asyncio
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from streamproc.runtime.exits import Exit
from tests.runtime.log_reading import create_topics
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = pytest.mark.kafka


async def send_in_transactions(servers: str, topic: str, transactions: int) -> int:
    """Ten records each; returns the end offset, which counts the transactions' markers."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, transactional_id=uuid4().hex)
    try:
        await producer.start()
        for _ in range(transactions):
            async with producer.transaction():
                for number in range(10):
                    await producer.send(topic, b"%d" % number, key=b"k")
    finally:
        await producer.stop()
    return transactions * 11


def said_to_be_committed(worker: WorkerProcess) -> list[tuple[int, int]]:
    """What the companion saw: committed offsets, and where the processor knew itself to be committed."""
    found = re.findall(r"^companion events 0 (\d+) (\d+)$", worker.text, re.MULTILINE)
    return [(int(committed), int(known)) for committed, known in found]


def test_a_companion_sees_committed_offsets_that_reach_the_end(kafka: Any, tmp_path: Path) -> None:
    prefix = f"c{uuid4().hex[:8]}."
    topics = (f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens")
    asyncio.run(create_topics(kafka.bootstrap, dict.fromkeys(topics, 1)))
    wanted = {"servers": kafka.bootstrap, "prefix": prefix, "sources": ["events"], "companion": True}
    with WorkerProcess(tmp_path, wanted) as worker:
        until(lambda: (0, 0) in said_to_be_committed(worker), worker)
        end = asyncio.run(send_in_transactions(kafka.bootstrap, f"{prefix}events", 30))
        until(lambda: said_to_be_committed(worker)[-1] == (end, 300), worker)
        assert worker.terminate() == Exit.DONE
    committed = [offset for offset, _ in said_to_be_committed(worker)]
    assert committed == sorted(committed)
    assert "companion stopped" in worker.text


def test_a_companion_that_fails_ends_the_worker(kafka: Any, tmp_path: Path) -> None:
    prefix = f"c{uuid4().hex[:8]}."
    topics = (f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens")
    asyncio.run(create_topics(kafka.bootstrap, dict.fromkeys(topics, 1)))
    wanted = {"servers": kafka.bootstrap, "prefix": prefix, "sources": ["events"], "companion": "fails"}
    with WorkerProcess(tmp_path, wanted) as worker:
        assert worker.wait() == Exit.COMPANION
        assert "ValueError: on purpose" in worker.text
