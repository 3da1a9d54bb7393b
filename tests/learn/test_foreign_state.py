"""A record that somebody else put into learn's changelog ends learn with what to do about it, and never runs."""

import asyncio
import os
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from streamproc.events.topics import LEARN_STATE_TOPIC
from streamproc.learn.stage import learner_key
from streamproc.runtime.exits import Exit
from tests.runtime.deciding import SCRIPT, Deciding
from tests.runtime.worker_process import PrintingProcess, until

pytestmark = pytest.mark.kafka


class Run:
    """What makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def learning(world: Deciding) -> PrintingProcess:
    data = {"STREAMPROC_RUNTIME__DATA_DIR": str(world.folder / "worker" / "data")}
    return PrintingProcess(world.folder / "worker", [*SCRIPT, "worker", "learn"], world.environ | data)


def test_a_state_that_learn_has_not_signed_ends_it_and_its_remedy_helps(kafka: Any, tmp_path: Path) -> None:
    world = Deciding(kafka.bootstrap, tmp_path)
    evil = b"\x02" + pickle.dumps(Run(tmp_path / "ran"), protocol=4)
    asyncio.run(world.write(LEARN_STATE_TOPIC, learner_key("churn"), evil, 0))

    worker = learning(world)
    assert worker.wait() == Exit.FOREIGN_STATE, worker.text
    assert "it is not signed with this signing key" in worker.text
    assert "Traceback" not in worker.text
    assert not (tmp_path / "ran").exists()

    (words,) = re.findall(rf"-> .*?`streamproc repair (.*?)`.*\[exit {Exit.FOREIGN_STATE}\]", worker.text)
    done = world.repair(*words.split(), "--yes")
    assert done.returncode == 0, done.stdout + done.stderr

    worker = learning(world)
    try:
        until(lambda: "recovered" in worker.text or "took over" in worker.text, worker)
        assert worker.terminate() == Exit.DONE
    finally:
        if worker.process.poll() is None:
            worker.kill()
