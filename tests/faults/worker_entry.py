"""A worker of the product's own command line in a forked process: up in a moment, which makes fault runs short."""

import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamproc.cli.workers  # imported once, before the fork, and all that it needs
import streamproc.runtime.stages  # noqa: F401
from streamproc.__main__ import main
from streamproc.models.as_data.known import know_kinds
from tests.faults.switches import Switches

know_kinds()  # before the fork, too: it imports all of River, which takes a busy machine a minute


def work(arguments: Sequence[str], environ: Mapping[str, str], output: Path, switches: Switches) -> None:
    """Be `streamproc ARGUMENTS` with this environment and these switches, and print to `output`."""
    with output.open("wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    faulthandler.register(signal.SIGUSR1)  # until Faust takes the signal, and tells of its tasks then
    os.environ.update(environ)
    threading.Thread(target=_end_with_the_harness, daemon=True).start()
    switches.apply()
    sys.argv = ["streamproc", *arguments]
    main()


def _end_with_the_harness() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
