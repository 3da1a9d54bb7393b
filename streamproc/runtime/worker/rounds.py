"""When a worker's partitions commit: in rounds, topic after topic, the partitions of a topic at once.

Against an order between the stage's topics that nobody keeps, and against its price if each partition keeps it for
itself: then all of them ask the earlier ones for transactions, and wait for each other's.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from aiokafka import TopicPartition

from streamproc.runtime.worker.partition import PartitionTask

SLOW = 5.0
"""A transaction is slow that takes so many times the time of a round. One of a busy Kafka is not: rounds of the others
would only take more of it.
"""


class Rounds:
    """The checkpoints of the partitions of one assignment.

    Args:
        partitions: those that are at work, as of now.
        seconds: from the beginning of a round to that of the next one, if it does not take longer.

    Attributes:
        wanted: is set by whoever cannot wait so long.
    """

    def __init__(self, partitions: Mapping[TopicPartition, PartitionTask], seconds: float) -> None:
        self.wanted = asyncio.Event()
        self._partitions = partitions
        self._seconds = seconds

    async def run(self) -> None:
        """Go on until cancelled; transactions that are under way then are not broken off."""
        while True:
            started = time.monotonic()
            self.wanted.clear()
            await self._round(max(self._ranks(), default=0))
            for task in self._partitions.values():
                task.end_at_unreadable()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wanted.wait(), self._seconds - (time.monotonic() - started))

    async def end(self, seconds: float) -> None:
        """The last round, after `run`: nothing more is processed, and all that was is committed, within a bound."""
        for task in self._partitions.values():
            task.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._commit_all(), seconds)

    async def _round(self, last: int) -> None:
        """All up to a rank commit what they have, each rank after the one before it; nobody waits for the last.

        While a slow partition is waited for, the others up to its rank go on in rounds of their own.
        """
        for rank in self._ranks():
            late = self._begin(rank) if rank <= last else set()
            while late and rank < last:
                _, late = await asyncio.wait(late, timeout=SLOW * self._seconds)
                if late:
                    await self._round(rank)

    async def _commit_all(self) -> None:
        for rank in self._ranks():
            if begun := self._begin(rank):
                await asyncio.wait(begun)

    def _begin(self, rank: int) -> set[asyncio.Task[None]]:
        ranked = [task for task in self._partitions.values() if task.partition.rank == rank]
        return {task.checkpoint() for task in ranked if task.has_work}

    def _ranks(self) -> Iterable[int]:
        return sorted({task.partition.rank for task in self._partitions.values()})
