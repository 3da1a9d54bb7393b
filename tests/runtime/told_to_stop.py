"""Telling a process to stop, over and over."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from tests.runtime.worker_process import PATIENCE_SECONDS, PrintingProcess

NUMBERS = (signal.SIGINT, signal.SIGTERM)
BETWEEN_SECONDS = 0.002


def told_until_it_is_gone(process: PrintingProcess, tell: Callable[[int, int], None] = os.kill) -> int:
    """Its exit code, after a hail of signals."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.process.poll() is None and time.monotonic() < deadline:
        for number in NUMBERS:
            with suppress(ProcessLookupError):
                tell(process.process.pid, number)
        time.sleep(BETWEEN_SECONDS)
    code = process.wait()
    assert "Traceback" not in process.text, process.text
    assert "never retrieved" not in process.text, process.text
    return code
