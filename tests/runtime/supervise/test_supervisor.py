"""The supervisor starts again what ends, gives up what ends in the same way again and again, and stops in time."""

import sys
import time
from pathlib import Path

import pytest

from streamproc.runtime.exits import Exit, attempts_after
from streamproc.runtime.supervise import supervisor as module
from streamproc.runtime.supervise.supervisor import Supervisor

PATIENCE_SECONDS = 30.0


class Lines(list[tuple[str, str]]):
    """What the supervisor passed on."""

    def say(self, stage: str, line: str) -> None:
        self.append((stage, line))

    def of(self, stage: str) -> list[str]:
        return [line for name, line in self if name == stage]


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first pause is short, so that a test sees several."""
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def ends_with(*codes: int, folder: Path) -> list[str]:
    """A process that ends with these codes, one after the other, and then with the last one for ever."""
    return python(f"""
import pathlib, sys
path = pathlib.Path({str(folder / "count")!r})
count = int(path.read_text()) if path.exists() else 0
path.write_text(str(count + 1))
codes = {[int(code) for code in codes]}
sys.exit(codes[min(count, len(codes) - 1)])
""")


@pytest.mark.slow
@pytest.mark.parametrize("code", [Exit.OFFSETS, Exit.CONFIGURATION])
def test_a_code_that_needs_somebody_is_given_up_after_three_ends(code: Exit, tmp_path: Path, lines: Lines) -> None:
    supervisor = Supervisor({"decide": ends_with(code, folder=tmp_path)}, lines.say)
    supervisor.start()
    assert not supervisor.watch(PATIENCE_SECONDS)
    assert lines.of("decide")[-1] == f"ended with {code} 3 times in a row: GIVEN UP, it needs somebody"
    assert (supervisor.given_up or supervisor.children[0]).code == code
    supervisor.stop()


@pytest.mark.slow
def test_other_codes_in_between_begin_the_count_anew(tmp_path: Path, lines: Lines) -> None:
    codes = (83, 83, 71, 83, 83, 83)
    supervisor = Supervisor({"decide": ends_with(*codes, folder=tmp_path)}, lines.say)
    supervisor.start()
    assert not supervisor.watch(PATIENCE_SECONDS)
    assert (tmp_path / "count").read_text() == "6"
    supervisor.stop()


def test_what_may_mend_itself_is_given_more_time(tmp_path: Path, lines: Lines) -> None:
    assert [attempts_after(code) for code in (-9, 1, 70, 71, 82, 87, 90, 91)] == [10, 10, 10, 100, 3, 100, 100, 100]
    assert attempts_after(Exit.KAFKA_AWAY) == float("inf")


@pytest.mark.slow
def test_pauses_grow(tmp_path: Path, lines: Lines) -> None:
    supervisor = Supervisor({"decide": ends_with(71, 71, 71, 71, 83, folder=tmp_path)}, lines.say)
    supervisor.start()
    assert not supervisor.watch(PATIENCE_SECONDS)
    pauses = [float(line.split()[-2]) for line in lines.of("decide") if "starting again in" in line]
    assert pauses == sorted(pauses)
    supervisor.stop()


def test_all_stop_within_the_bound_one_that_will_not_is_killed(monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    monkeypatch.setattr(module, "SUPERVISOR_SECONDS", 1.0)
    stubborn = python("import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(600)")
    tame = python("print('tame'); import time; time.sleep(600)")
    supervisor = Supervisor({"learn": stubborn, "measure": tame}, lines.say)
    supervisor.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while {line for _, line in lines} < {"deaf", "tame"} and time.monotonic() < deadline:
        supervisor.watch(0.05)
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 10
    assert [child.is_running for child in supervisor.children] == [False, False]
