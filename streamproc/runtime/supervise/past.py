"""What was before a worker's process: its supervisor says it in the environment, and the worker shows it.

Against counts that begin anew with each process: how often a stage ends is what nobody could see who asks the process
that runs just now.
"""

import os
import time
from collections.abc import Mapping
from importlib.metadata import version
from platform import python_version

from streamproc import __version__
from streamproc.metrics import ProcessMetrics
from streamproc.settings.environment import SUPERVISOR

RESTARTS, LAST_EXIT = f"{SUPERVISOR}RESTARTS", f"{SUPERVISOR}LAST_EXIT"


def told_to_worker(restarts: int, last_exit: int | None) -> dict[str, str]:
    """The environment of a process that was started again so many times, after one that ended with this code."""
    ended = {} if last_exit is None else {LAST_EXIT: str(last_exit)}
    return {RESTARTS: str(restarts)} | ended


def show_past(metrics: ProcessMetrics, stage: str, plan: str, environ: Mapping[str, str] = os.environ) -> None:
    """Show what this process is, and what was before it; without a supervisor of ours nothing is known of that."""
    metrics.build.labels(stage, __version__, python_version(), version("faust-streaming"), version("aiokafka")).set(1)
    metrics.plan.labels(stage, plan).set(1)
    metrics.started.labels(stage).set(time.time())
    if RESTARTS in environ:
        metrics.restarts.labels(stage).inc(int(environ[RESTARTS]))
    if LAST_EXIT in environ:
        metrics.last_exit.labels(stage).set(int(environ[LAST_EXIT]))
