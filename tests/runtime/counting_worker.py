"""A worker with the counting stage, as a process of its own; its only argument is JSON, see `main`."""

import logging
import sys
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).parents[2]))

from streamproc.runtime.worker import run_worker
from streamproc.runtime.worker_settings import Patience, WorkerSettings
from tests.runtime.counting_stage import counting_stage


class Printed:
    """An observer that prints what tests wait for."""

    def processed(self, stage: str, topic: str, count: int, seconds: float) -> None: ...

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:
        print(f"checkpoint {topic} {partition} {records}", flush=True)

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:
        print(f"recovered {topic} {partition} {records}", flush=True)

    def lag(self, topic: str, partition: int, records: int) -> None: ...

    def heartbeat(self) -> None: ...

    def ready(self, owned: int, ready: int) -> None:
        print(f"ready {ready} of {owned}", flush=True)


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    wanted = orjson.loads(sys.argv[1])
    settings = WorkerSettings(
        {"bootstrap_servers": wanted["servers"]},
        Path(wanted["data_dir"]),
        prefix=wanted["prefix"],
        session_seconds=wanted.get("session_seconds", 6.0),
        store=wanted.get("store", "rocksdb"),
        patience=Patience(connect_seconds=wanted.get("connect_seconds", 20.0), watch_seconds=1.0),
        observer=Printed(),
    )
    return run_worker(counting_stage("counting", wanted["sources"]), settings)


if __name__ == "__main__":
    sys.exit(main())
