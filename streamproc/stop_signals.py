"""Being told to stop: the first signal is heeded, and whatever comes after it changes nothing.

Two at once are usual: Ctrl-C in a terminal reaches a whole group of processes, and make passes its own on. The second
would break off what the first has begun to end in order. There is no state but the system's own table of handlers: from
the first signal on all of them are deaf, and whatever a command still does then has its bound.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a supervisor, a terminal that is closed."""


@dataclass(slots=True)
class Told:
    """Whether a signal has come."""

    to_stop: bool = False


@contextmanager
def told_to_stop(heed: Callable[[], object]) -> Iterator[Told]:
    """Have `heed` called by the first stop signal while the block runs, once; then hear none until the process ends.

    Blocks may be inside each other: the innermost one hears it. Only the main thread may use it.
    """
    told = Told()

    def hear(*_: object) -> None:
        told.to_stop = True
        for number in before:
            signal.signal(number, _deaf)
        heed()

    before = {number: signal.getsignal(number) for number in heeded()}
    for number in before:
        signal.signal(number, hear)
    try:
        yield told
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is hear:
                signal.signal(number, handler)


def end_at_once(code: int) -> None:
    """Until somebody heeds the stop signals, each ends this process with `code`: nothing was begun that has to end."""
    for number in heeded():
        signal.signal(number, lambda *_: os._exit(code))


def hear_no_more() -> None:
    """Ignore the stop signals until the process is gone: on its way out, Python gives each its first meaning again."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def kept_from_children() -> Iterator[None]:
    """Processes that are started in the block hear no stop signal: whoever started them ends them.

    Nor is their start broken off in the middle: what comes in the block is heeded behind it. To block it is not enough
    for that, since another thread may take it (one that shows progress), and the main thread then heeds it.
    """
    came: list[int] = []
    handlers = {number: signal.signal(number, lambda number, _: came.append(number)) for number in heeded()}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def interrupt() -> NoReturn:
    """Heed a signal as Python heeds Ctrl-C, where nothing runs that must not be broken off at any place."""
    raise KeyboardInterrupt


def heeded() -> list[signal.Signals]:
    """The stop signals, but what `nohup` has us ignore."""
    return [each for each in STOP_SIGNALS if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN]


def _deaf(*_: object) -> None:
    """Hear nothing; unlike an ignored signal, this is not handed down to programs that are started now."""
