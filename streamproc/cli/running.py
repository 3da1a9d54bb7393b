"""Asynchronous work of a command: told to stop, it ends in order, as all commands do."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from streamproc.stop_signals import told_to_stop

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do the work and return what it gives; the first stop signal cancels it, and those that follow do no more.

    `asyncio.run` lets a second Ctrl-C break into whichever task is at work, and knows of no other signal.

    Raises:
        KeyboardInterrupt: somebody told it to stop.
    """
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(work)
        with told_to_stop(lambda: loop.call_soon_threadsafe(task.cancel)) as told:
            loop.run_until_complete(asyncio.wait([task]))
        if told.to_stop:
            raise KeyboardInterrupt from (None if task.cancelled() else task.exception())
        return task.result()
