"""Whoever stops a service in its first seconds, while it loads what it needs, stops it as at any other time."""

import os
import signal
import sys
import time
from pathlib import Path

import click
import pytest

from streamproc.__main__ import OPTIONS, SERVICES, command_in
from streamproc.cli import main
from streamproc.runtime.exits import Exit
from streamproc.settings.stages import STAGES
from tests.runtime.forked import Running
from tests.runtime.told_to_stop import told_until_it_is_gone
from tests.runtime.worker_process import PrintingProcess

HEEDED_WITHIN_SECONDS = 60.0
NOBODY = "127.0.0.1:1"


def heeds(process: Running, number: signal.Signals) -> bool:
    """Whether the process handles a signal by itself."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (caught,) = (int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(caught >> (number - 1) & 1)


def started(folder: Path, *words: str) -> PrintingProcess:
    """A service without a Kafka, as soon as it is our code that runs."""
    environ = {
        "STREAMPROC_RUNTIME__DATA_DIR": str(folder / "data"),
        "STREAMPROC_KAFKA__BOOTSTRAP": NOBODY,
        "STREAMPROC_METRICS__FIRST_PORT": "0",
    }
    process = PrintingProcess(folder, [sys.executable, "-m", "streamproc", *words], environ)
    deadline = time.monotonic() + HEEDED_WITHIN_SECONDS
    while not heeds(process.process, signal.SIGTERM):
        assert process.process.poll() is None, process.text
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 4.0])
def test_a_worker_that_is_told_to_stop_while_it_starts_stops_as_asked(tmp_path: Path, seconds: float) -> None:
    workers = [started(tmp_path / stage, "worker", stage) for stage in STAGES]
    time.sleep(seconds)  # not a wait for anything: this is how far it has come
    assert [told_until_it_is_gone(worker) for worker in workers] == [Exit.DONE] * len(STAGES)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 1.0])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_up_that_is_told_to_stop_while_it_starts_stops_as_asked(
    tmp_path: Path, seconds: float, number: signal.Signals
) -> None:
    up = started(tmp_path, "up")
    time.sleep(seconds)
    os.kill(up.process.pid, number)
    assert up.wait() == Exit.DONE, up.text


def test_the_command_is_found_behind_all_options_that_may_stand_before_it() -> None:
    options = [each for each in main.params if isinstance(each, click.Option) and not each.is_flag]
    assert set(OPTIONS) == {name for each in options for name in each.opts}
    assert set(SERVICES) <= main.commands.keys()
    for service in SERVICES:
        assert command_in([word for option in OPTIONS for word in (option, "send")] + [service, "decide"]) == service
    assert command_in(["send", "worker"]) == "send"
