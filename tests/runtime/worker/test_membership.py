"""Workers with fixed names: a planned stop hands over at once, a crash comes back and moves no other partitions."""

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.runtime.counted import assert_counted_once
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = pytest.mark.kafka

PARTITIONS = 4
SESSION_SECONDS = 50.0
EVENTS = 400


def prepared(kafka: Any) -> dict[str, Any]:
    prefix = f"m{uuid4().hex[:8]}."
    topics = dict.fromkeys((f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens"), PARTITIONS)
    asyncio.run(create_topics(kafka.bootstrap, topics))
    return {"servers": kafka.bootstrap, "prefix": prefix, "sources": ["events"], "session_seconds": SESSION_SECONDS}


def has_half(worker: WorkerProcess) -> bool:
    return worker.ready == PARTITIONS // 2


def test_a_worker_that_is_stopped_hands_over_before_its_session_ends(kafka: Any, tmp_path: Path) -> None:
    wanted = prepared(kafka)
    with (
        WorkerProcess(tmp_path / "1", wanted | {"member_id": "one"}) as one,
        WorkerProcess(tmp_path / "2", wanted | {"member_id": "two"}) as two,
    ):
        until(lambda: has_half(one) and has_half(two), one, two)
        began = time.monotonic()
        assert one.terminate() == 0
        until(lambda: two.ready == PARTITIONS, two)
        assert time.monotonic() - began < SESSION_SECONDS / 2


def test_a_worker_that_was_killed_takes_up_its_partitions_and_the_other_keeps_its_own(
    kafka: Any, tmp_path: Path
) -> None:
    wanted = prepared(kafka)

    def committed() -> int:
        return sum(asyncio.run(committed_offsets(kafka.bootstrap, f"{wanted['prefix']}streamproc-counting")).values())

    with (
        WorkerProcess(tmp_path / "1", wanted | {"member_id": "one"}) as one,
        WorkerProcess(tmp_path / "2", wanted | {"member_id": "two"}) as two,
    ):
        until(lambda: has_half(one) and has_half(two), one, two)
        kept = two.text.count("recovered")
        one.kill()
        asyncio.run(send_events(kafka.bootstrap, f"{wanted['prefix']}events", PARTITIONS, range(EVENTS)))
        began = time.monotonic()
        with WorkerProcess(tmp_path / "1", wanted | {"member_id": "one"}) as again:
            until(lambda: committed() == EVENTS, again, two)
            assert time.monotonic() - began < SESSION_SECONDS / 2
            assert two.text.count("recovered") == kept
            assert [again.terminate(), two.terminate()] == [0, 0]
    assert_counted_once(kafka.bootstrap, wanted["prefix"], "events")
