"""How processes are forked from one that has imported everything, so that each is up in a moment."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import ForkServerContext
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

PRELOADED = [
    "tests.faults.worker_entry",
    "tests.faults.sending",
    "tests.faults.verdict",
    "tests.runtime.worker_process",
    "streamproc.cli.workers",
    "streamproc.models.as_data.health_kinds",
    "streamproc.models.as_data.logistic_kinds",
]


def forking() -> ForkServerContext:
    """How to start processes; `spawn` would import River and Faust anew each time, several seconds of CPU."""
    os.environ["PYTHONPATH"] = str(CHECKOUT)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def helpers() -> ProcessPoolExecutor:
    """Processes for the producer and for the checker."""
    return ProcessPoolExecutor(max_workers=2, mp_context=forking())
