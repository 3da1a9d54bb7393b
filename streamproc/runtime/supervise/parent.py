"""A worker that is supervised ends when its supervisor does, in whichever way that went.

Against workers that nobody watches: a supervisor that is killed, or whose terminal is closed, cannot stop its workers
any more. So it holds the other end of each worker's standard input, and the system closes that end with the process.
"""

import os
import signal
import sys
import threading
import time

from streamproc.runtime.deadlines import PARENT_SECONDS
from streamproc.runtime.exits import Exit


def end_with_parent() -> None:
    """Stop this process in order as soon as standard input is closed; at once if that takes too long."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PARENT_SECONDS)
    os._exit(Exit.CRASHED)
