"""Many faults, one after the other, while events come in: each event counts once, each output is there once."""

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from streamproc.runtime.exits import Exit
from tests.runtime.counted import assert_counted_once, recovered_afresh
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.slow]

PARTITIONS = 4
EVENTS = 8000
SESSION_SECONDS = 6.0


class Group:
    """Two workers, each started again when it ends, as a supervisor does."""

    def __init__(self, kafka: Any, folder: Path, **more: Any) -> None:
        self.prefix = f"f{uuid4().hex[:8]}."
        self.wanted = {"servers": kafka.bootstrap, "prefix": self.prefix, "sources": ["events"], **more}
        self.ended: list[int] = []
        self._servers = kafka.bootstrap
        self._folder = folder
        names = (f"{self.prefix}events", f"{self.prefix}events.state", f"{self.prefix}events.tens")
        asyncio.run(create_topics(self._servers, dict.fromkeys(names, PARTITIONS)))
        self.workers = [WorkerProcess(folder / str(number), self.wanted) for number in range(2)]
        until(self.is_whole, *self.workers)

    def is_whole(self) -> bool:
        return sum(worker.ready for worker in self.workers) == PARTITIONS and all(w.ready for w in self.workers)

    def revive(self) -> None:
        for number, worker in enumerate(self.workers):
            if (code := worker.process.poll()) is not None:
                self.ended.append(code)
                self.workers[number] = WorkerProcess(worker.data_dir.parent, self.wanted)

    def restart(self, number: int, folder: Path) -> None:
        self.workers[number] = WorkerProcess(folder, self.wanted)

    def has_committed(self, count: int) -> bool:
        self.revive()
        offsets = asyncio.run(committed_offsets(self._servers, f"{self.prefix}streamproc-counting"))
        return sum(offsets.values()) >= count

    @contextmanager
    def sending(self) -> Iterator[threading.Thread]:
        """Send events in the background; afterwards everything must be right."""

        def send() -> None:
            events = send_events(self._servers, f"{self.prefix}events", PARTITIONS, range(EVENTS), pause=0.05)
            asyncio.run(events)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield thread
            thread.join()
            until(lambda: self.has_committed(EVENTS), *self.workers)
            for worker in self.workers:
                worker.terminate()
        finally:
            for worker in self.workers:
                if worker.process.poll() is None:
                    worker.kill()
        expected = assert_counted_once(self._servers, self.prefix, "events")
        assert recovered_afresh(self._folder / "afresh", self.wanted, PARTITIONS) == expected.states


@pytest.mark.parametrize(("seed", "hold_seconds"), [(0, 0.0), (1, 0.15), (2, 0.15)])
def test_workers_are_killed_and_some_lose_their_disk(
    kafka: Any, seed: int, hold_seconds: float, tmp_path: Path
) -> None:
    dice = random.Random(seed)
    group = Group(kafka, tmp_path, hold_seconds=hold_seconds)
    with group.sending() as thread:
        while thread.is_alive():
            time.sleep(dice.uniform(1.0, 4.0))
            group.revive()
            number = dice.randrange(2)
            group.workers[number].kill()
            same = group.workers[number].data_dir.parent
            group.restart(number, tmp_path / uuid4().hex if dice.random() < 0.3 else same)


@pytest.mark.parametrize("seed", range(2))
def test_workers_come_and_go(kafka: Any, seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    group = Group(kafka, tmp_path)
    with group.sending() as thread:
        while thread.is_alive():
            third = WorkerProcess(tmp_path / uuid4().hex, group.wanted)
            time.sleep(dice.uniform(3.0, 6.0))
            group.revive()
            assert third.terminate() == Exit.DONE
    assert group.ended == []


@pytest.mark.parametrize("pause_ratio", [0.4, 1e6], ids=["guarded", "fenced-only"])
def test_a_worker_sleeps_past_its_session_and_wakes(kafka: Any, pause_ratio: float, tmp_path: Path) -> None:
    group = Group(kafka, tmp_path, pause_ratio=pause_ratio, hold_seconds=0.15)
    with group.sending() as thread:
        until(lambda: group.has_committed(EVENTS // 8), *group.workers)
        sleeper = group.workers[0]
        os.kill(sleeper.process.pid, signal.SIGSTOP)
        until(lambda: group.workers[1].ready == PARTITIONS, group.workers[1])
        thread.join()
        os.kill(sleeper.process.pid, signal.SIGCONT)
        if pause_ratio < 1:
            assert sleeper.wait() == Exit.PAUSED
