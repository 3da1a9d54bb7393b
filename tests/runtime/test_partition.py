"""What an owned partition tells of itself, without Kafka."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from streamproc.runtime.guard import PauseGuard
from streamproc.runtime.layout import Layout, SourceTopic
from streamproc.runtime.partition import OwnedPartition
from streamproc.runtime.store import RocksMemory
from streamproc.runtime.worker_settings import WorkerSettings
from streamproc.runtime.workplace import Workplace
from streamproc.stages.processor import Source
from tests.runtime.counting_stage import Counter


def owned_partition(tmp_path: Path) -> OwnedPartition:
    source = Source(("events",), lambda context: Counter("tens", context))
    topic = SourceTopic("events", "events", "id", source, None)
    layout = Layout("group", "", {"events": topic}, {"events": 1}, {}, {})
    settings = WorkerSettings({"bootstrap_servers": "nowhere:1"}, tmp_path)
    return OwnedPartition(
        topic, 0, Workplace("counting", settings, layout, PauseGuard(60), RocksMemory(1 << 20, 1 << 20))
    )


def record(offset: int) -> Any:
    return SimpleNamespace(offset=offset, key=b"k", value=b"1")


def test_what_is_said_to_be_committed_never_goes_back(tmp_path: Path) -> None:
    async def told() -> list[int]:
        owned = owned_partition(tmp_path)
        owned.accept([], fetched_to=11, log_end=11)  # ten records' transaction marker, and nothing to do
        at_end = owned.committed_through
        owned.accept([record(11)], fetched_to=12, log_end=12)
        return [at_end, owned.committed_through]

    assert asyncio.run(told()) == [11, 11]
