"""Who is told to stop again and again ends as after the first time: in order, as asked, and without a traceback."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from streamproc.cli.demo import prepared_dumps
from streamproc.cli.failing import INTERRUPTED
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal
from streamproc.offline.dumps.files import write_dump
from tests.builders import order
from tests.offline.replay.logs import raw
from tests.runtime.forked import Main
from tests.runtime.told_to_stop import told_until_it_is_gone
from tests.runtime.worker_process import ForkedProcess, PrintingProcess, until


async def busy_beside_another_task() -> None:
    """As the demo: something reads all the time, and is told to end when the work does, which takes a while."""
    reading = asyncio.create_task(reads())
    try:
        print("at work", flush=True)
        await asyncio.Event().wait()
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
        print("ended in order", flush=True)


async def reads() -> None:
    try:
        while True:
            sum(range(100))
            await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0.2)  # longer than it takes to be told again


def a_command(_: Sequence[str]) -> int:
    try:
        run(busy_beside_another_task())
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


class Command(ForkedProcess):
    main: Main = staticmethod(a_command)


@pytest.mark.slow
def test_what_a_command_has_begun_is_ended_once_and_in_order(tmp_path: Path) -> None:
    with Command(tmp_path, []) as command:
        until(lambda: "at work" in command.text, command)
        assert told_until_it_is_gone(command) == INTERRUPTED
        assert command.text.splitlines() == ["at work", "ended in order"]


def children(pid: int) -> list[int]:
    told = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in told.stdout.split()]


def is_deaf(pid: int) -> bool:
    """Whether Ctrl-C does not reach a process: it is blocked there, or ignored."""
    told = re.findall(r"^Sig(?:Blk|Ign):\t(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return any(int(mask, 16) >> (signal.SIGINT - 1) & 1 for mask in told)


@pytest.mark.slow
def test_a_replay_and_its_processes_that_hear_ctrl_c_together_say_nothing(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    write_dump(dump, raw([order(customer_id=f"c-{number}", minutes=number) for number in range(100)]))
    words = ["setsid", sys.executable, "-m", "streamproc", "replay", str(dump), "--jobs", "2", "--out"]
    own = {"STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path)}
    with PrintingProcess(tmp_path / "replay", [*words, str(tmp_path / "out")], own) as replay:
        until(lambda: len(children(replay.process.pid)) > 2, replay)  # with the one that tracks what they share
        assert [pid for pid in children(replay.process.pid) if not is_deaf(pid)] == []
        assert told_until_it_is_gone(replay, os.killpg) == INTERRUPTED
        assert replay.text == ""


@pytest.mark.faults
def test_a_demo_ends_with_all_that_it_has_started(tmp_path: Path) -> None:
    prepared_dumps(Terminal(), days=5)  # or it takes longer than is waited for
    words = ["setsid", sys.executable, "-m", "streamproc", "demo", "--days", "5", "--speed", "1"]
    with PrintingProcess(tmp_path, words) as demo:
        until(lambda: "their log: " in demo.text, demo)
        (log,) = re.findall(r"their log: (.*)\)", "".join(demo.text.splitlines()))
        until(lambda: "took over" in Path(log).read_text(), demo)
        started = children(demo.process.pid)
        assert told_until_it_is_gone(demo, os.killpg) == 0
        assert "What next" in demo.text
        assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
        assert not Path(log).parent.exists()
