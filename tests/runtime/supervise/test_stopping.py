"""Stopping a worker whose Kafka is gone: a broker of this file's own is killed."""

import asyncio
import time
from pathlib import Path
from uuid import uuid4

import pytest

from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka
from streamproc.runtime.deadlines import SUPERVISOR_SECONDS, WORKER_SECONDS
from streamproc.runtime.exits import Exit
from tests.runtime.log_reading import create_topics
from tests.runtime.worker_process import WorkerProcess, until

OF_ITSELF = f"stopped without leaving the group: Kafka did not answer for {WORKER_SECONDS:.0f} s"
"""Said when the worker's own time is over, which is less than the supervisor's, however slow the machine is."""

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_a_worker_whose_kafka_is_gone_stops_before_its_supervisor_would_kill_it(tmp_path: Path) -> None:
    prefix = f"s{uuid4().hex[:8]}."
    with EmbeddedKafka(BrokerSettings(tmp_path / "kafka")) as broker:
        names = (f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens")
        asyncio.run(create_topics(broker.bootstrap, dict.fromkeys(names, 1)))
        wanted = {"servers": broker.bootstrap, "prefix": prefix, "sources": ["events"]}
        with WorkerProcess(tmp_path / "worker", wanted) as worker:
            until(lambda: worker.ready == 1, worker)
            broker.stop()
            asked_at = time.monotonic()
            assert worker.terminate() == Exit.DONE, worker.text
            in_time = time.monotonic() - asked_at < SUPERVISOR_SECONDS
            assert in_time or OF_ITSELF in worker.text, worker.text
