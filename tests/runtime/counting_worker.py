"""A worker with the counting stage, as a process of its own; its only word is JSON, see `main`."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from aiokafka import TopicPartition

from streamproc.processor.api import Companion, WorkerView
from streamproc.runtime.batches.consumer import CarefulConsumer
from streamproc.runtime.telemetry.health import Health
from streamproc.runtime.telemetry.logs import configure_logs
from streamproc.runtime.telemetry.observer import Silent
from streamproc.runtime.worker import transport
from streamproc.runtime.worker.app import run_worker
from streamproc.runtime.worker.transaction import Row, TransactionalWriter
from streamproc.runtime.worker_settings import Limits, Timeouts, WorkerSettings
from tests.runtime.counting_stage import Counter, counting_stage


class Printed(Silent):
    """An observer that prints what tests wait for."""

    def __init__(self) -> None:
        self._health = Health()

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:
        print(f"checkpoint {topic} {partition} {records}", flush=True)

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:
        print(f"recovered {topic} {partition} {records}", flush=True)

    def ready(self, owned: int, ready: int) -> None:
        print(f"ready {ready} of {owned}", flush=True)
        self._health.ready(owned, ready)

    def unowned(self, partitions: Sequence[str] | None) -> None:
        self._health.unowned(partitions)
        print(f"at work: {self._health.at_work.is_fine}, {self._health.at_work.reason}", flush=True)


def hold_transactions_open(seconds: float) -> None:
    """As if Kafka were slow to take records: most faults then hit an open transaction."""
    write = TransactionalWriter._write

    async def write_slowly(self: TransactionalWriter, target: TopicPartition, rows: Sequence[Row]) -> int:
        end = await write(self, target, rows)
        await asyncio.sleep(seconds)
        return end

    TransactionalWriter._write = write_slowly  # type: ignore[method-assign]


def hear_of_no_topic(seconds: float) -> None:
    """As if a broker had just come back: the group's coordinator answers, and nobody knows of the topics yet."""
    make = transport.ConsumerThread._create_worker_consumer

    def make_ignorant(self: transport.ConsumerThread, transport: Any) -> CarefulConsumer:
        consumer = make(self, transport)
        update, until = consumer._client._metadata_update, time.monotonic() + seconds

        async def update_late(cluster: object, topics: Sequence[str]) -> bool:
            return not (topics and time.monotonic() < until) and bool(await update(cluster, topics))

        consumer._client._metadata_update = update_late
        return consumer

    transport.ConsumerThread._create_worker_consumer = make_ignorant  # type: ignore[method-assign]


async def tell(view: WorkerView) -> None:
    """A companion that prints what it sees."""
    try:
        while not view.stopping:
            for source in view.owned():
                if isinstance(source.processor, Counter):
                    known = source.processor.known_committed
                    print(f"companion {source.topic} {source.partition} {source.committed} {known}", flush=True)
            await asyncio.sleep(0.05)
    finally:
        print("companion stopped", flush=True)


async def fail(view: WorkerView) -> None:
    """A companion that does not work."""
    raise ValueError("on purpose")


COMPANIONS: dict[object, Companion | None] = {None: None, True: tell, "fails": fail}


def main(words: Sequence[str]) -> int:
    """Run the worker that is wanted, in this process."""
    configure_logs("counting", "text", "info")
    wanted = orjson.loads(words[0])
    settings = WorkerSettings(
        {"bootstrap_servers": wanted["servers"]},
        Path(wanted["data_dir"]),
        prefix=wanted["prefix"],
        session_seconds=wanted.get("session_seconds", 6.0),
        store=wanted.get("store", "rocksdb"),
        member_id=wanted.get("member_id"),
        timeouts=Timeouts(
            connect_seconds=wanted.get("connect_seconds", 20.0),
            watch_seconds=1.0,
            pause_ratio=wanted.get("pause_ratio", 0.4),
        ),
        limits=Limits(free_disk_bytes=wanted.get("free_disk_bytes", 0)),
        observer=Printed(),
    )
    if wanted.get("hold_seconds"):
        hold_transactions_open(wanted["hold_seconds"])
    if wanted.get("ignorant_seconds"):
        hear_of_no_topic(wanted["ignorant_seconds"])
    transport.POLL_SECONDS = wanted.get("poll_seconds", transport.POLL_SECONDS)
    companion = COMPANIONS[wanted.get("companion")]
    return run_worker(counting_stage("counting", wanted["sources"], companion), settings)
