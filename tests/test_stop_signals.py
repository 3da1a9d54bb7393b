"""What says stop is heeded once, and never in the middle of the start of a process."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from streamproc.stop_signals import STOP_SIGNALS, kept_from_children, told_to_stop


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Nobody has ignored one, as `nohup` does, and they are as before, afterwards."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def another() -> Iterator[ThreadPoolExecutor]:
    """A thread that was there before: it hears what the main one does not."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(os.getpid).result()
        yield pool


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_what_comes_while_a_process_starts_is_heeded_behind_it(
    another: ThreadPoolExecutor, number: signal.Signals
) -> None:
    heeded: list[str] = []
    with told_to_stop(lambda: heeded.append("told")):
        with kept_from_children():
            for _ in range(2):
                another.submit(os.kill, os.getpid(), number).result()
            heeded.append("started")
        assert heeded == ["started", "told"]


def test_where_nothing_comes_all_is_as_before() -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    with kept_from_children():
        pass
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & set(STOP_SIGNALS)


def test_the_first_is_heeded_and_no_other() -> None:
    heeded: list[str] = []
    with told_to_stop(lambda: heeded.append("told")):
        for number in STOP_SIGNALS:
            signal.raise_signal(number)
    assert heeded == ["told"]
