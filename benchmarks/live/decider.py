"""The stage decide as a process for benchmarks, with an observer that tells; its argument is JSON."""

import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.core.model import KEY
from benchmarks.live.pulse import Telling
from benchmarks.wholesale import ROOT, plan_of
from streamproc.decide.stage import stage
from streamproc.runtime.worker.app import run_worker
from streamproc.runtime.worker_settings import WorkerSettings


@dataclass(frozen=True)
class Wanted:
    """Where the worker works."""

    servers: str
    prefix: str
    folder: str

    @property
    def group(self) -> str:
        """The consumer group."""
        return f"{self.prefix}streamproc-decide"


def main() -> int:
    """Work until stopped."""
    wanted = Wanted(**orjson.loads(sys.argv[1]))
    settings = WorkerSettings(
        {"bootstrap_servers": wanted.servers}, Path(wanted.folder), prefix=wanted.prefix, observer=Telling()
    )
    return run_worker(stage(plan_of(ROOT / "config"), KEY, ()), settings)


if __name__ == "__main__":
    sys.exit(main())
