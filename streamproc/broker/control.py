"""Looking at, stopping and deleting a broker from outside: from any process that knows its data directory."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from streamproc.broker.answer import answers
from streamproc.broker.config import Ports
from streamproc.broker.directory import BrokerDirectory
from streamproc.broker.error import BrokerError
from streamproc.broker.process import ASK_AGAIN_SECONDS, STOP_SECONDS


class Condition(StrEnum):
    """How a broker is."""

    RUNNING = "running"
    STARTING = "starting"
    SILENT = "running, but it does not answer"
    STOPPED = "not running"


@dataclass(frozen=True)
class BrokerStatus:
    """How the broker of a data directory is, and who and where it is while it is up."""

    condition: Condition
    pid: int | None = None
    ports: Ports | None = None


def broker_status(data_dir: Path) -> BrokerStatus:
    """Ask the directory's lock and then the broker itself."""
    directory = BrokerDirectory(data_dir)
    if not directory.in_use:
        return BrokerStatus(Condition.STOPPED)
    state = directory.state()
    if state is None or state.pid is None:
        return BrokerStatus(Condition.STARTING)
    condition = Condition.RUNNING if answers(state.ports.clients) else Condition.SILENT
    return BrokerStatus(condition, state.pid, state.ports)


def stop_broker(data_dir: Path) -> bool:
    """Stop the broker of a data directory, whoever started it; whether there was one.

    Raises:
        BrokerError: it is being started, belongs to somebody else, or does not end.
    """
    directory = BrokerDirectory(data_dir)
    if not directory.in_use:
        return False
    state = directory.state()
    if state is None or state.pid is None:
        raise BrokerError(f"the broker in {directory.path} is just being started: try again in a moment")
    for stop_signal in (signal.SIGTERM, signal.SIGKILL):
        _send(state.pid, stop_signal, directory)
        if _is_free_within(directory, STOP_SECONDS):
            return True
    raise BrokerError(f"the broker in {directory.path} does not end, not even killed: look at process {state.pid}")


def _send(pid: int, stop_signal: signal.Signals, directory: BrokerDirectory) -> None:
    try:
        with suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
    except PermissionError as error:
        raise BrokerError(
            f"the broker in {directory.path} (process {pid}) belongs to another user: ask that user, or root"
        ) from error


def _is_free_within(directory: BrokerDirectory, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while directory.in_use:
        if time.monotonic() > deadline:
            return False
        time.sleep(ASK_AGAIN_SECONDS)
    return True
