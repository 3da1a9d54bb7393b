"""The broker's data directory: who may use it, which broker does, and what is in it.

One lock tells everything that matters. A start takes it before it looks at anything, hands it down to the broker's
process, and the system gives it back when that process is gone, in whichever way it went. So two starts cannot both
format, a file that names a dead process means nothing, and a process id that was given to somebody else is never
mistaken for the broker.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamproc.broker.config import LOG4J2_XML, LOG_FILE, RECORDS, Ports, server_properties
from streamproc.broker.error import BrokerError
from streamproc.folder_lock import LOCK_FILE, locked_in_time
from streamproc.whole_file import left_aside, write_whole

STATE_FILE = "broker.json"
UNFINISHED_STATE_FILES = left_aside(STATE_FILE)
SERVER_PROPERTIES = "server.properties"
LOG4J2_FILE = "log4j2.xml"
OUTPUT_FILE = "java.log"
WRITTEN_FILES = (SERVER_PROPERTIES, LOG4J2_FILE, OUTPUT_FILE, f"{LOG_FILE}*", UNFINISHED_STATE_FILES, STATE_FILE)
"""All but the records and the lock, the one that says whose directory it is last."""

LOCK_PATIENCE_SECONDS = 0.5
"""Somebody who only asks whether the lock is held holds it for a moment."""


@dataclass(frozen=True)
class BrokerState:
    """What the directory remembers: the ports of the last start, and the process while a broker is up."""

    ports: Ports
    pid: int | None


class BrokerDirectory:
    """One data directory; safe to look at from any process."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.records = self.path / RECORDS

    @contextmanager
    def claimed(self) -> Iterator[int]:
        """Hold the lock, as a file descriptor that a process which inherits it holds too.

        Raises:
            BrokerError: a broker is running here, or somebody is about to start or to delete one.
        """
        descriptor = self._open()
        try:
            if not locked_in_time(descriptor, LOCK_PATIENCE_SECONDS):
                raise BrokerError(self._why_busy())
            yield descriptor
        finally:
            os.close(descriptor)

    @property
    def in_use(self) -> bool:
        """Whether a broker is up, or is being started."""
        try:
            descriptor = os.open(self.path / LOCK_FILE, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise self._unusable(error) from error
        try:
            return not locked_in_time(descriptor, 0)
        finally:
            os.close(descriptor)

    def state(self) -> BrokerState | None:
        """What the last start has written; its process means something only while the directory is in use."""
        try:
            written = json.loads((self.path / STATE_FILE).read_text("utf-8"))
            return BrokerState(Ports(written["port"], written["controller_port"]), written["pid"])
        except (OSError, ValueError, KeyError):
            return None

    def remember(self, state: BrokerState) -> None:
        """Write the state, whole or not at all."""
        written = {"port": state.ports.clients, "controller_port": state.ports.controller, "pid": state.pid}
        write_whole(self.path / STATE_FILE, json.dumps(written).encode() + b"\n")

    def configure(self, ports: Ports, session_ms: int) -> None:
        """Write the files that the broker reads; the log of the last start moves aside."""
        self.remember(BrokerState(ports, None))
        (self.path / SERVER_PROPERTIES).write_text(server_properties(ports, session_ms), "utf-8")
        (self.path / LOG4J2_FILE).write_text(LOG4J2_XML, "utf-8")
        log = self.path / LOG_FILE
        if log.exists():
            log.replace(self.path / f"{LOG_FILE}.last")

    @property
    def is_formatted(self) -> bool:
        """Whether Kafka's storage tool has finished its work here."""
        return (self.records / "meta.properties").exists()

    @property
    def free_mb(self) -> float:
        """The room on the disk."""
        return shutil.disk_usage(self.path).free / 1e6

    def topics(self) -> list[str]:
        """The topics that have records here."""
        partitions = self.records.iterdir() if self.records.exists() else ()
        names = (re.fullmatch(r"(?!__)(.+)-\d+", directory.name) for directory in partitions)
        return sorted({name[1] for name in names if name})

    def size_mb(self) -> float:
        """The space that the records take on disk."""
        blocks = (file.stat().st_blocks for file in self.records.rglob("*") if file.is_file())
        return sum(blocks) * 512 / 1e6

    def check_deletable(self) -> None:
        """Whether `delete` would do it now.

        Raises:
            BrokerError: a broker is running here, or there never was one.
        """
        if self.state() is None:
            raise BrokerError(f"{self.path} is no broker's data directory: there is nothing to delete")
        if self.in_use:
            raise BrokerError(self._why_busy())

    def delete(self) -> None:
        """Delete what a broker has written here and nothing else; the lock stays, for others may wait at it.

        Raises:
            BrokerError: a broker is running here, there never was one, or a file cannot be deleted.
        """
        self.check_deletable()
        with self.claimed():
            try:
                if self.records.exists():
                    shutil.rmtree(self.records)
                for pattern in WRITTEN_FILES:
                    for file in self.path.glob(pattern):
                        file.unlink()
            except OSError as error:
                raise BrokerError(f"cannot delete {error.filename}: {error.strerror}. Delete it by hand") from error

    def _open(self) -> int:
        """Make the directory if need be, see that it is ours, and open its lock."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            there = {path.name for path in self.path.iterdir() if not path.match(UNFINISHED_STATE_FILES)}
        except OSError as error:
            raise self._unusable(error) from error
        foreign = there - {LOCK_FILE}
        if foreign and STATE_FILE not in foreign:
            raise BrokerError(
                f"{self.path} holds other files ({', '.join(sorted(foreign)[:3])}) and no broker's: "
                "choose an empty directory or a new one, with --data-dir"
            )
        try:
            return os.open(self.path / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> BrokerError:
        return BrokerError(
            f"cannot keep records in {self.path}: {error.strerror or error}. "
            "Choose a directory that you may write, with --data-dir"
        )

    def _why_busy(self) -> str:
        state = self.state()
        if state is None or state.pid is None:
            return (
                f"a broker is being started in {self.path} by another process: wait for it, "
                f"and look with `streamproc kafka status --data-dir {self.path}`"
            )
        return (
            f"a broker is already running in {self.path}, at {state.ports.bootstrap} (process {state.pid}): "
            "use it (`streamproc up` without --embedded), "
            f"or stop it with `streamproc kafka stop --data-dir {self.path}`"
        )
