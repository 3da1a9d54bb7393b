"""A worker of the product's own command line in a forked process: up in a moment, which makes fault runs short."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamproc.runtime.catalogue  # noqa: F401  imported once, before the fork
from streamproc.cli import main
from tests.faults.switches import Switches


def work(arguments: Sequence[str], environ: Mapping[str, str], output: Path, switches: Switches) -> None:
    """Be `streamproc ARGUMENTS` with this environment and these switches, and print to `output`."""
    with output.open("wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    os.environ.update(environ)
    threading.Thread(target=_end_with_the_harness, daemon=True).start()
    switches.apply()
    sys.exit(main(list(arguments), standalone_mode=True))


def _end_with_the_harness() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
