"""What the soak measures every few seconds: memory, descriptors, lag, checkpoint time, size of the local states."""

import re
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.faults.fleet import Fleet, Worker
from tests.kafka_broker import Kafka

EVERY_SECONDS = 5.0
MIB = 1 << 20
PAGE_BYTES = 4096

Series = dict[str, list[tuple[float, float]]]
"""Points (minutes since the start, value) by name."""


@dataclass
class Samples:
    """Everything that was measured, by what it is; and what was done when."""

    memory_mib: Series = field(default_factory=lambda: defaultdict(list))
    descriptors: Series = field(default_factory=lambda: defaultdict(list))
    lag_records: Series = field(default_factory=lambda: defaultdict(list))
    checkpoint_ms: Series = field(default_factory=lambda: defaultdict(list))
    state_mib: Series = field(default_factory=lambda: defaultdict(list))
    faults: list[tuple[float, str]] = field(default_factory=list)


class Sampler:
    """Measures in a thread until `stop`."""

    def __init__(self, fleet: Fleet, kafka: Kafka) -> None:
        self.samples = Samples()
        self._fleet = fleet
        self._kafka = kafka
        self._began = time.monotonic()
        self._checkpoints: dict[str, tuple[float, float]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._measure_regularly, daemon=True)
        self._thread.start()

    @property
    def minutes(self) -> float:
        """Since the start."""
        return (time.monotonic() - self._began) / 60

    def note(self, fault: str) -> None:
        """Something was done just now."""
        self.samples.faults.append((self.minutes, fault))

    def stop(self) -> Samples:
        """No more."""
        self._stopping.set()
        self._thread.join()
        return self.samples

    def _measure_regularly(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            self._measure()

    def _measure(self) -> None:
        now, lag = self.minutes, defaultdict[str, float](float)
        for worker in list(self._fleet.workers):
            with suppress(OSError):  # it may be gone at any time
                if worker.lives:  # and one that is just being started has no number yet
                    self._measure_process(now, worker.folder.name, worker.pid)
            with suppress(OSError, ValueError):
                self._measure_metrics(now, worker, lag)
        with suppress(OSError):
            self._measure_process(now, "kafka", self._kafka.pid)
        for stage, records in lag.items():
            self.samples.lag_records[stage].append((now, records))

    def _measure_process(self, now: float, name: str, pid: int) -> None:
        process = Path(f"/proc/{pid}")
        pages = int((process / "statm").read_text().split()[1])
        self.samples.memory_mib[name].append((now, pages * PAGE_BYTES / MIB))
        self.samples.descriptors[name].append((now, sum(1 for _ in (process / "fd").iterdir())))

    def _measure_metrics(self, now: float, worker: Worker, lag: dict[str, float]) -> None:
        address = re.search(r"http://\S+/metrics", worker.output.read_text(errors="replace"))
        if address is None:
            return
        with urllib.request.urlopen(address[0], timeout=1) as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        samples = [sample for family in families for sample in family.samples]
        lag[worker.stage] += sum(sample.value for sample in samples if sample.name == "streamproc_lag_records")
        count = sum(s.value for s in samples if s.name == "streamproc_checkpoint_seconds_count")
        total = sum(s.value for s in samples if s.name == "streamproc_checkpoint_seconds_sum")
        before = self._checkpoints.get(worker.folder.name, (0.0, 0.0))
        if count > before[0]:
            mean_ms = 1000 * (total - before[1]) / (count - before[0])
            self.samples.checkpoint_ms[worker.folder.name].append((now, mean_ms))
        self._checkpoints[worker.folder.name] = count, total
        if worker.data_dir.exists():
            self.samples.state_mib[worker.folder.name].append((now, size_of(worker.data_dir.rglob("*")) / MIB))


def size_of(paths: Iterable[Path]) -> int:
    """The bytes of all these files; one that is deleted meanwhile has none."""
    size = 0
    for path in paths:
        with suppress(OSError):
            size += path.stat().st_size
    return size
