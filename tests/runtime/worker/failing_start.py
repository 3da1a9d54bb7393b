"""Run as a program: a worker at whose start Kafka goes away again after it has answered."""

import sys
from pathlib import Path

from aiokafka.errors import NodeNotReadyError

from streamproc.runtime.worker.app import run_worker
from streamproc.runtime.worker.assignment import Assignment
from streamproc.runtime.worker_settings import WorkerSettings
from tests.runtime.counting_stage import counting_stage


async def _start(self: Assignment) -> None:
    raise NodeNotReadyError("node id None")


if __name__ == "__main__":
    Assignment.start = _start  # type: ignore[method-assign]  # Kafka cannot be asked to do this at the right moment
    settings = WorkerSettings({"bootstrap_servers": "127.0.0.1:1"}, Path(sys.argv[1]), store="memory")
    sys.exit(run_worker(counting_stage("counting", ["numbers"]), settings))
