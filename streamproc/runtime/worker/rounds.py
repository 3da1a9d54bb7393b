"""When a worker's partitions commit: in rounds, topic after topic, the partitions of a topic at once.

Against an order between the stage's topics that nobody keeps, and against its price if each partition keeps it for
itself: then all of them ask the earlier ones for transactions, and wait for each other's.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
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
        self._one = asyncio.Lock()

    async def run(self) -> None:
        """Go on until cancelled; transactions that are under way then are not broken off."""
        while True:
            started = time.monotonic()
            self.wanted.clear()
            async with self._one:
                await self._round(max((task.partition.rank for task in self._partitions.values()), default=0))
            for task in self._partitions.values():
                task.end_at_unreadable()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds - (time.monotonic() - started)):
                    await self.wanted.wait()

    async def end(self, seconds: float) -> None:
        """Process nothing more, and commit all that was processed, after the round of `run`, within a bound."""
        for task in self._partitions.values():
            task.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._one:
                for _ in ("what is settled and has not begun yet", "what was processed since"):
                    await self._commit_all()

    async def _round(self, last: int) -> None:
        """All up to a rank commit what they have by now; nobody waits for the last.

        A rank begins once Kafka has the records of the one before it. These are committed meanwhile: whoever reads what
        is committed gets nothing that is behind an open transaction.

        While a slow partition is waited for, the others up to its rank go on in rounds of their own.
        """
        due = await self._settled(last)
        begun = []
        for rank in _ranks(due):
            checkpoints = [task.checkpoint() for task in due if task.partition.rank == rank]
            if rank < last:
                begun.append((rank, {each.ended for each in checkpoints}))
                await self._over({each.written for each in checkpoints}, rank)
        for rank, transactions in begun:
            await self._over(transactions, rank)

    async def _over(self, late: Collection[asyncio.Future[None]], rank: int) -> None:
        while late:
            _, late = await asyncio.wait(late, timeout=SLOW * self._seconds)
            if late:
                await self._round(rank)

    async def _settled(self, last: int) -> list[PartitionTask]:
        """Those that have something to commit, which is settled here, last ranks first.

        So of a rank nothing is committed that came after what is committed of those before it. Whose transaction is
        still under way has its turn in the next round, if it is of the last rank. Of another rank it was slow: then its
        turn is in this one, for all that is processed when that transaction ends.
        """
        if not any(task.has_work for task in self._partitions.values()):
            return []
        tasks = [task for task in self._partitions.values() if task.partition.rank <= last]
        tasks.sort(key=lambda task: task.partition.rank, reverse=True)
        are_settled = await asyncio.gather(*(task.settle() for task in tasks))  # Turns are taken as they are asked for.
        return [
            task
            for task, is_settled in zip(tasks, are_settled, strict=True)
            if is_settled or (task.is_committing and task.partition.rank < last)
        ]

    async def _commit_all(self) -> None:
        due = [task for task in self._partitions.values() if task.has_work]
        for rank in _ranks(due):
            await asyncio.wait([task.checkpoint().ended for task in due if task.partition.rank == rank])


def _ranks(tasks: Iterable[PartitionTask]) -> Iterable[int]:
    return sorted({task.partition.rank for task in tasks})
