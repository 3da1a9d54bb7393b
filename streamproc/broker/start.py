"""Starting the embedded broker, the steps in order: program, directory, ports, format, process, answer."""

import base64
import subprocess
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from streamproc.broker.class_archive import archive_flags
from streamproc.broker.config import BrokerSettings, Ports
from streamproc.broker.directory import SERVER_PROPERTIES, BrokerDirectory, BrokerState
from streamproc.broker.error import BrokerError
from streamproc.broker.jars import Progress, kafka_jars
from streamproc.broker.java import find_java
from streamproc.broker.log import MINIMUM_FREE_MB, make_room, tail, why_dead
from streamproc.broker.ports import choose_ports
from streamproc.broker.process import BrokerProcess, JavaProgram

TRAINING_STOP_SECONDS = 90
"""The JVM writes its archive while it stops."""


@dataclass(frozen=True)
class StartedBroker:
    """A broker that answers, and where."""

    process: BrokerProcess
    ports: Ports


def start_broker(settings: BrokerSettings, on_progress: Progress, *, guarded: bool) -> StartedBroker:
    """Start a broker and return once it answers; guarded, it ends when this process ends.

    Raises:
        BrokerError: it cannot be started; nothing of it is left running.
    """
    program = _program(settings, on_progress)
    return _run(program, settings, on_progress, guarded=guarded)


def _program(settings: BrokerSettings, on_progress: Progress) -> JavaProgram:
    """Java, jars and what makes them start fast, all of it from the cache after the first time."""
    java = find_java()
    jars = kafka_jars(settings.cache_dir, on_progress)
    program = JavaProgram(java, jars, settings.heap_mb)

    def train(flags: Sequence[str]) -> None:
        with TemporaryDirectory(prefix=".train-", dir=settings.cache_dir) as data_dir:
            throwaway = replace(settings, data_dir=Path(data_dir), port=0, controller_port=0)
            broker = _run(program.with_flags(flags), throwaway, lambda _: None, guarded=True)
            if not broker.process.stop(TRAINING_STOP_SECONDS):
                raise BrokerError(f"the archive was not written within {TRAINING_STOP_SECONDS} s")

    return program.with_flags(archive_flags(java, jars, train, on_progress))


def _run(program: JavaProgram, settings: BrokerSettings, on_progress: Progress, *, guarded: bool) -> StartedBroker:
    directory = BrokerDirectory(settings.data_dir)
    with directory.claimed() as lock:
        _check_room(directory)
        last = directory.state()
        ports = choose_ports(settings, last.ports if last else None)
        directory.configure(ports, settings.session_ms)
        if not directory.is_formatted:
            on_progress(f"formatting {directory.records}")
            _format(program, directory, lock)
        on_progress(f"starting Kafka on {ports.bootstrap}")
        began = time.monotonic()
        process = BrokerProcess.launch(program, directory, lock, guarded=guarded)
        try:
            directory.remember(BrokerState(ports, process.pid))
            process.wait_until_ready(ports)
        except BaseException:
            process.kill()
            raise
    on_progress(f"Kafka answers at {ports.bootstrap} after {time.monotonic() - began:.1f} s")
    return StartedBroker(process, ports)


def _check_room(directory: BrokerDirectory) -> None:
    if directory.free_mb < MINIMUM_FREE_MB:
        raise BrokerError(
            f"the disk of {directory.path} is full: {directory.free_mb:.0f} MB are free, and a broker needs "
            f"{MINIMUM_FREE_MB} MB besides its records; {make_room(directory.path)}"
        )


def _format(program: JavaProgram, directory: BrokerDirectory, lock: int) -> None:
    """Let Kafka's storage tool make the directory; under the lock, also if this process is killed meanwhile."""
    command = program.command(
        "kafka.tools.StorageTool", "format", f"--cluster-id={new_cluster_id()}", "--config", SERVER_PROPERTIES
    )
    tool = subprocess.Popen(
        command,
        cwd=directory.path,
        env=program.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[lock],
    )
    output, _ = tool.communicate()
    if tool.returncode != 0:
        said = "\n".join(tail(output.decode(errors="replace")))
        raise BrokerError(f"Kafka's storage tool could not format {directory.records}: {why_dead(directory)}\n{said}")


def new_cluster_id() -> str:
    """A UUID as Kafka writes it: base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
