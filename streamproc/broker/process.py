"""The broker as a process: started, waited for, stopped, always by its own process id."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from streamproc.broker.answer import answers
from streamproc.broker.config import Ports
from streamproc.broker.directory import LOG4J2_FILE, OUTPUT_FILE, BrokerDirectory
from streamproc.broker.error import BrokerError
from streamproc.broker.guard import Guard
from streamproc.broker.java import Java
from streamproc.broker.log import why_dead

START_SECONDS = 60
STOP_SECONDS = 15
ASK_AGAIN_SECONDS = 0.05

JVM_FLAGS = (
    "-XX:+UseSerialGC",  # on two cores it starts faster than G1 and moves as many records
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={LOG4J2_FILE}",
)


@dataclass(frozen=True)
class JavaProgram:
    """Kafka on a Java: what is the same for the broker and for its tools."""

    java: Java
    jars: Sequence[Path]
    heap_mb: int
    flags: tuple[str, ...] = ()

    def with_flags(self, flags: Sequence[str]) -> Self:
        """The same program with more JVM flags."""
        return replace(self, flags=(*self.flags, *flags))

    def command(self, *arguments: str) -> list[str]:
        """The command line; the class path is in the environment, for 46 jars would drown it."""
        return [str(self.java.executable), f"-Xmx{self.heap_mb}m", *JVM_FLAGS, *self.flags, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment and the class path: all jars on one, in one order."""
        return {**os.environ, "CLASSPATH": os.pathsep.join(map(str, self.jars))}


class BrokerProcess:
    """A broker that this process has started."""

    def __init__(self, java: subprocess.Popen[bytes], directory: BrokerDirectory, guard: Guard | None) -> None:
        self._java = java
        self._directory = directory
        self._guard = guard

    @classmethod
    def launch(cls, program: JavaProgram, directory: BrokerDirectory, lock: int, *, guarded: bool) -> Self:
        """Start it in a session of its own, where Ctrl-C does not reach it, with the directory's lock in its hands."""
        with (directory.path / OUTPUT_FILE).open("wb") as output:
            java = subprocess.Popen(
                program.command("kafka.Kafka", "server.properties"),
                cwd=directory.path,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[lock],
                start_new_session=True,
            )
        return cls(java, directory, Guard.over(java.pid) if guarded else None)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._java.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is there; it may be frozen."""
        alive = self._java.poll() is None
        if not alive:
            self._release_guard()
        return alive

    def wait_until_ready(self, ports: Ports) -> None:
        """Return once the broker answers.

        Raises:
            BrokerError: it died, or did not answer in time; the message holds the end of its log.
        """
        deadline = time.monotonic() + START_SECONDS
        while not answers(ports.clients):
            if not self.is_alive:
                raise BrokerError(f"the broker died while it started: {why_dead(self._directory)}")
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"the broker did not answer at {ports.bootstrap} within {START_SECONDS} s: "
                    f"the machine may be too busy; {why_dead(self._directory)}"
                )
            time.sleep(ASK_AGAIN_SECONDS)

    def stop(self, patience_seconds: float = STOP_SECONDS) -> bool:
        """Ask it to stop, and after a while make it; whether asking was enough."""
        self._java.terminate()
        try:
            self._java.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._release_guard()
        return True

    def kill(self) -> None:
        """Kill it as a crash would: nothing is written any more."""
        self._java.kill()
        self._java.wait()
        self._release_guard()

    def leave(self) -> None:
        """Let it outlive this process; nobody here waits for it any more."""
        self._release_guard()
        self._java.returncode = 0  # or Popen warns that somebody should have waited

    def _release_guard(self) -> None:
        """Once nothing is left to guard: its process id may soon be somebody else's."""
        if self._guard is not None:
            self._guard.release()
            self._guard = None
