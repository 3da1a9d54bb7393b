"""Long work in slices, and one slice at a time in a worker.

Against a worker that looks dead while it works: what takes long, be it a mark that wakes very many customers, gives the
event loop a chance after each slice. So heartbeats, checkpoints, rebalances and health pages never wait for long.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

SLICE_SECONDS = 0.01
"""A transaction needs a few rounds of the event loop for each batch, and each round may have to wait for a slice."""


def in_slices(steps: Iterable[object], tell: Callable[[float], None] = lambda _: None) -> Iterator[None]:
    """Do the steps; each `next` is a slice, of which `tell` is told how many seconds it took."""
    began = time.perf_counter()
    for _ in steps:
        seconds = time.perf_counter() - began
        if seconds >= SLICE_SECONDS:
            tell(seconds)
            yield
            began = time.perf_counter()
    tell(time.perf_counter() - began)


class Turns:
    """Lets one slice be done in each round of a worker's event loop, whoever's it is; who waits longest is next."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def take(self, slices: Iterator[None]) -> bool:
        """Do the next slice when it is its turn; whether more are left."""
        return await self.once(lambda: next(slices, self) is not self)

    async def once(self, work: Callable[[], T]) -> T:
        """Do what is a slice by itself."""
        async with self._lock:
            done = work()
            await asyncio.sleep(0)
        return done
