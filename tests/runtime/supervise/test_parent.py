"""A supervisor that is killed takes its workers with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHILD = """
import os, signal
from streamproc.runtime.supervise.parent import end_with_parent
end_with_parent()
print(os.getpid(), flush=True)
signal.pause()
"""
PARENT = f"""
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored
from streamproc.runtime.supervise.supervisor import Supervisor
supervisor = Supervisor({{"decide": [sys.executable, "-c", {CHILD!r}]}}, lambda stage, line: print(line, flush=True))
supervisor.start()
supervisor.watch()
"""


def is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_worker_ends_with_its_supervisor(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.send_signal(how)
        parent.wait()
        deadline = time.monotonic() + 10
        while is_alive(child):
            assert time.monotonic() < deadline, "the worker lives on"
            time.sleep(0.02)
