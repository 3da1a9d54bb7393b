"""Whatever happens to one of two workers: each event counts once, in order, and each output is there once."""

import asyncio
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.runtime.counted import assert_counted_once, recovered_afresh
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = pytest.mark.kafka

EVENTS = 3000
PARTITIONS = 4


@pytest.mark.parametrize("fault", ["kill", "terminate"])
def test_each_event_counts_once_when_one_of_two_workers_goes(kafka: Any, fault: str, tmp_path: Path) -> None:
    prefix = f"x{uuid4().hex[:8]}."
    topics = dict.fromkeys((f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens"), PARTITIONS)
    asyncio.run(create_topics(kafka.bootstrap, topics))
    wanted = {"servers": kafka.bootstrap, "prefix": prefix, "sources": ["events"]}

    def committed() -> int:
        return sum(asyncio.run(committed_offsets(kafka.bootstrap, f"{prefix}streamproc-counting")).values())

    def send() -> None:
        asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", PARTITIONS, range(EVENTS), pause=0.04))

    sending = threading.Thread(target=send)
    with WorkerProcess(tmp_path / "1", wanted) as one, WorkerProcess(tmp_path / "2", wanted) as two:
        until(lambda: one.ready + two.ready == PARTITIONS and bool(one.ready and two.ready), one, two)
        sending.start()
        until(lambda: committed() > EVENTS // 6, one, two)
        if fault == "kill":
            two.kill()
        else:
            assert two.terminate() == 0
        with WorkerProcess(tmp_path / "2", wanted) as again:
            sending.join()
            until(
                lambda: committed() == EVENTS and one.ready + again.ready == PARTITIONS and again.ready > 0, one, again
            )
            assert [one.terminate(), again.terminate()] == [0, 0]
    expected = assert_counted_once(kafka.bootstrap, prefix, "events")
    assert recovered_afresh(tmp_path / "3", wanted, PARTITIONS) == expected.states
