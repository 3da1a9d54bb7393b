"""What a worker measures of itself, the same for every system in Python: standard library only."""

import json
import os
import re
import resource
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wanted:
    """What a worker is told, as JSON in its only argument.

    Attributes:
        servers: where Kafka is.
        source, output: topics.
        run: a name that no other run has: group, state directory, changelog.
        warm: how many events are left out of the rate.
        events: after how many the run ends.
        folder: for local state.
        checkpoint_seconds: between two commits.
        guarantee: what the system calls it.
        ballast: how many bytes a state is larger than the job needs.
    """

    servers: str
    source: str
    output: str
    run: str
    warm: int
    events: int
    folder: str
    checkpoint_seconds: float
    guarantee: str
    ballast: int

    @classmethod
    def read(cls, text: str) -> "Wanted":
        """Of the argument."""
        return cls(**json.loads(text))


class Meter:
    """Events per second and CPU between the warm-up and the end, last commit included."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._count = self._warm_count = self.triggers = 0
        self._warm: tuple[float, float] | None = None

    @property
    def is_done(self) -> bool:
        """Whether all events were processed."""
        return self._count >= self._wanted.events

    def add(self, events: int, triggers: int) -> None:
        """So many more were processed."""
        self._count += events
        self.triggers += triggers
        if self._warm is None and self._count >= self._wanted.warm:
            self._warm, self._warm_count = (time.perf_counter(), _cpu_seconds()), self._count

    def report(self) -> None:
        """Print the result; what was processed must be committed by now."""
        if self._warm is None:
            raise RuntimeError("the warm-up has not ended")
        events = self._count - self._warm_count
        seconds, cpu = time.perf_counter() - self._warm[0], _cpu_seconds() - self._warm[1]
        said = {
            "events_per_second": events / seconds,
            "cpu_us": cpu / events * 1e6,
            "resident_mb": peak_mb(os.getpid()),
            "triggers": self.triggers,
        }
        os.write(1, b"\n" + json.dumps(said).encode() + b"\n")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb(pid: int) -> int:
    """The most resident memory that a process ever had (Linux)."""
    return _status_mb(pid, "VmHWM")


def resident_mb(pid: int) -> int:
    """The resident memory of a process now (Linux)."""
    return _status_mb(pid, "VmRSS")


def _status_mb(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) // 1024 if found else 0
