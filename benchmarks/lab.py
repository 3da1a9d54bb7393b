"""What the benchmarks work in: a real Kafka of their own, a folder, topics, and processes that end with them."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka
from streamproc.runtime.client.topic_ids import describe

ROOT = Path(__file__).parent.parent
BATCH_BYTES = 256 << 10

Row = tuple[int, bytes | None, bytes]
"""Partition, key and value of a record."""


@dataclass(frozen=True)
class Lab:
    """A broker and a folder."""

    servers: str
    broker_pid: int
    folder: Path

    @property
    def client(self) -> dict[str, Any]:
        """The connection arguments of aiokafka."""
        return {"bootstrap_servers": self.servers}

    def name(self, stem: str) -> str:
        """A name that nothing else here has."""
        return f"{stem}-{uuid.uuid4().hex[:8]}"

    async def create(self, topics: Mapping[str, int]) -> None:
        """Make topics with these partition counts; those that end with `state` or `state.v1` are compacted."""
        admin = AIOKafkaAdminClient(**self.client)
        await admin.start()
        try:
            kept = {"cleanup.policy": "compact"}
            wanted = [
                NewTopic(name, count, 1, topic_configs=kept if name.removesuffix(".v1").endswith("state") else {})
                for name, count in topics.items()
            ]
            await admin.create_topics(wanted)
        finally:
            await admin.close()
        while len(await describe(self.client, topics)) < len(topics):  # noqa: ASYNC110  Kafka tells nobody
            await asyncio.sleep(0.05)

    async def fill(self, topic: str, rows: Iterable[Row]) -> None:
        """Write records fast, in big batches, each partition in its order."""
        producer = AIOKafkaProducer(**self.client, max_batch_size=BATCH_BYTES, enable_idempotence=True)
        async with producer:
            batches: dict[int, Any] = {}
            for partition, key, value in rows:
                batch = batches.setdefault(partition, producer.create_batch())
                if batch.append(key=key, value=value, timestamp=None) is None:
                    await self._send(producer, batch, topic, partition)
                    batch = batches[partition] = producer.create_batch()
                    batch.append(key=key, value=value, timestamp=None)
            for partition, batch in batches.items():
                await self._send(producer, batch, topic, partition)
            await producer.flush()

    async def _send(self, producer: Any, batch: Any, topic: str, partition: int) -> None:
        batch.close()
        await producer.send_batch(batch, topic, partition=partition)


@contextmanager
def open_lab() -> Iterator[Lab]:
    """A broker for the benchmarks; it ends with this process, however that ends."""
    with (
        TemporaryDirectory(prefix="streamproc-bench-") as folder,
        EmbeddedKafka(BrokerSettings(Path(folder, "kafka"))) as kafka,
    ):
        yield Lab(kafka.bootstrap, kafka.pid, Path(folder))


@contextmanager
def process(command: Iterable[str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this checkout, with its output in a file; killed at the end if it still lives."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with output.open("wb") as file:
        started = subprocess.Popen(list(command), stdout=file, stderr=subprocess.STDOUT, cwd=ROOT, env=environ)
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
            started.wait()


def module(name: str, *arguments: str) -> list[str]:
    """The command line of a module of this checkout."""
    return [sys.executable, "-m", name, *arguments]
