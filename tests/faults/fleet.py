"""The workers of a fault run: two or three per stage, or many; started again when they end, as by `streamproc up`."""

import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from streamproc.runtime.exits import FIRST_THAT_NEEDS_SOMEBODY, attempts_after
from streamproc.settings.stages import STAGES
from tests.faults.processes import forking
from tests.faults.setting import Setting
from tests.faults.switches import Switches
from tests.faults.worker_entry import work

HEALTHY_SECONDS = 10.0
STOP_SECONDS = 20.0
STACK_SECONDS = 0.5


@dataclass
class Worker:
    """One worker: its folder, which outlives its processes, and the process that there is now."""

    stage: str
    folder: Path
    setting: Setting
    switches: Switches
    process: ForkServerProcess | None = None
    data_dir: Path = field(init=False)
    output: Path = field(init=False)
    codes: list[int] = field(default_factory=list)
    failures: int = 0
    started_at: float = 0.0
    start_at: float | None = None
    given_up: bool = False
    leaving: bool = False

    def __post_init__(self) -> None:
        self.data_dir = self.folder / "data"
        self.start()

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.output = self.folder / f"output-{time.monotonic_ns()}.txt"
        arguments = (["worker", self.stage], self.setting.environ(self.data_dir), self.output, self.switches)
        self.process = forking().Process(
            target=work, args=([*self.setting.arguments, *arguments[0]], *arguments[1:]), daemon=True
        )
        self.process.start()
        self.started_at, self.start_at = time.monotonic(), None

    @property
    def pid(self) -> int:
        assert self.process is not None
        assert self.process.pid is not None
        return self.process.pid

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.is_alive()

    @property
    def ready(self) -> int:
        """How many partitions it has at work, as it said last; 0 while some of its partitions are not ready."""
        if not self.lives or not self.output.exists():
            return 0
        said = re.findall(r"^ready (\d+) of (\d+)$", self.output.read_text(errors="replace"), re.MULTILINE)
        return int(said[-1][0]) if said and said[-1][0] == said[-1][1] else 0

    @property
    def has_begun(self) -> bool:
        """Whether it has told anything of its partitions; the one partition of learn may be somebody else's."""
        return self.output.exists() and b"\nready " in self.output.read_bytes()

    def signal(self, number: signal.Signals) -> None:
        if self.lives:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self, seconds: float = STOP_SECONDS) -> int | None:
        assert self.process is not None
        self.process.join(seconds)
        return self.process.exitcode

    def wipe(self) -> None:
        """Lose the disk."""
        shutil.rmtree(self.data_dir, ignore_errors=True)

    @property
    def last_words(self) -> str:
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-6:]) if self.output.exists() else ""


class Fleet:
    """All workers; a thread looks after them until `stop`."""

    def __init__(self, setting: Setting, switches: Switches, per_stage: Mapping[str, int]) -> None:
        self._setting = setting
        self._switches = switches
        self._dice = Random(0)
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self.ended: list[tuple[str, int]] = []
        self.workers = [self._new(stage, number) for stage in STAGES for number in range(per_stage[stage])]
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def of(self, stage: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.stage == stage]

    def any_of(self, stage: str, dice: Random) -> Worker:
        """A worker of the stage that lives and owns something, if there is one."""
        living = [worker for worker in self.of(stage) if worker.lives]
        return dice.choice([worker for worker in living if worker.ready] or living or self.of(stage))

    def join(self, stage: str) -> Worker:
        """One more worker."""
        with self._lock:
            worker = self._new(stage, len(self.workers))
            self.workers.append(worker)
        return worker

    def leave(self, worker: Worker) -> int | None:
        """SIGTERM, and it does not come back."""
        with self._lock:
            self.workers.remove(worker)
        worker.signal(signal.SIGTERM)
        code = worker.wait()
        if worker.lives:
            worker.kill()
        return code

    def is_whole(self) -> bool:
        """Every source partition is at work somewhere."""
        return all(sum(worker.ready for worker in self.of(stage)) == self._setting.owned_by(stage) for stage in STAGES)

    def is_talking(self) -> bool:
        """Whether every worker that lives has come so far that it tells of its partitions."""
        return all(worker.has_begun for worker in self.workers if worker.lives)

    def _ask_the_silent(self) -> None:
        """Those that have not told anything write into their output where they stand."""
        for worker in self.workers:
            if not worker.has_begun:
                worker.signal(signal.SIGUSR1)
        time.sleep(STACK_SECONDS)

    def until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait; what does not come, or a worker that was given up, is an error with the workers' last words."""
        deadline = time.monotonic() + seconds
        while not condition():
            given_up = [worker for worker in self.workers if worker.given_up]
            if given_up or time.monotonic() > deadline:
                self._ask_the_silent()
                said = "\n\n".join(
                    f"{w.stage} {w.folder.name} {w.codes}\n{w.last_words}" for w in given_up or self.workers
                )
                raise StuckError(f"{what} did not come within {seconds:.0f} s; ends {self.ended}\n{said}")
            time.sleep(0.2)

    def mend(self) -> None:
        """Wake who sleeps; and who was given up starts again, for somebody has done something."""
        with self._lock:
            for worker in self.workers:
                worker.signal(signal.SIGCONT)
                if worker.given_up:
                    worker.given_up, worker.failures, worker.start_at = False, 0, time.monotonic()

    def stop(self, workers: list[Worker] | None = None) -> dict[str, int | None]:
        """SIGTERM for all (or some); returns how they ended, by folder."""
        if workers is None:
            self._stopping.set()
            self._watcher.join()
        chosen = self.workers if workers is None else workers
        for worker in chosen:
            worker.leaving = True
            worker.signal(signal.SIGCONT)
            worker.signal(signal.SIGTERM)
        return {f"{worker.stage}-{worker.folder.name}": worker.wait() for worker in chosen}

    def kill(self) -> None:
        """The end, whatever happened."""
        self._stopping.set()
        self._watcher.join()
        for worker in self.workers:
            if worker.lives:
                worker.kill()

    def _new(self, stage: str, number: int) -> Worker:
        switches = self._switches if number == 0 else replace(self._switches, namespace=None)
        return Worker(stage, self._setting.folder / f"{stage}-{number}", self._setting, switches)

    def _watch(self) -> None:
        while not self._stopping.wait(0.1):
            with self._lock:
                for worker in self._ended():
                    self._look_after(worker)

    def _ended(self) -> Iterator[Worker]:
        return (worker for worker in self.workers if not worker.lives and not worker.given_up and not worker.leaving)

    def _look_after(self, worker: Worker) -> None:
        now = time.monotonic()
        if worker.start_at is not None:
            if now >= worker.start_at:
                worker.start()
            return
        code = worker.process.exitcode if worker.process is not None else None
        worker.codes.append(code or 0)
        self.ended.append((worker.stage, code or 0))
        worker.failures = 1 if now - worker.started_at > HEALTHY_SECONDS else worker.failures + 1
        if (code or 0) >= FIRST_THAT_NEEDS_SOMEBODY and worker.failures >= attempts_after(code or 0):
            worker.given_up = True
            return
        worker.start_at = now + min(5.0, 0.25 * 2 ** (worker.failures - 1)) * self._dice.uniform(0.8, 1.2)


class StuckError(AssertionError):
    """What was waited for did not come."""
