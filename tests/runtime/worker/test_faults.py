"""Many faults, one after the other, while events come in: each event counts once, each output is there once."""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from streamproc.runtime.exits import Exit
from tests.runtime.group import EVENTS, PARTITIONS, Group
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.slow]


@pytest.mark.parametrize(("seed", "hold_seconds"), [(0, 0.0), (1, 0.15), (2, 0.15)])
def test_workers_are_killed_and_some_lose_their_disk(
    kafka: Any, seed: int, hold_seconds: float, tmp_path: Path
) -> None:
    dice = random.Random(seed)
    group = Group(kafka.bootstrap, tmp_path, hold_seconds=hold_seconds)
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
    group = Group(kafka.bootstrap, tmp_path)
    with group.sending() as thread:
        while thread.is_alive():
            third = WorkerProcess(tmp_path / uuid4().hex, group.wanted)
            time.sleep(dice.uniform(3.0, 6.0))
            group.revive()
            assert third.terminate() == Exit.DONE
    assert group.ended == []


@pytest.mark.parametrize("pause_ratio", [0.4, 1e6], ids=["guarded", "fenced-only"])
def test_a_worker_sleeps_past_its_session_and_wakes(kafka: Any, pause_ratio: float, tmp_path: Path) -> None:
    group = Group(kafka.bootstrap, tmp_path, pause_ratio=pause_ratio, hold_seconds=0.15)
    with group.sending() as thread:
        until(lambda: group.has_committed(EVENTS // 8), *group.workers)
        sleeper = group.workers[0]
        os.kill(sleeper.process.pid, signal.SIGSTOP)
        until(lambda: group.workers[1].ready == PARTITIONS, group.workers[1])
        thread.join()
        os.kill(sleeper.process.pid, signal.SIGCONT)
        if pause_ratio < 1:
            assert sleeper.wait() == Exit.PAUSED
