"""A checkpoint of a source partition: what one transaction holds, and how far it is."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from streamproc.runtime.worker.transaction import Row


@dataclass(frozen=True, slots=True)
class Cut:
    """What a transaction holds.

    Attributes:
        offset: the source offset that it belongs to.
        records: outputs and changed states, by partition.
        worked_since: when the first of it was processed, by the monotonic clock.
    """

    offset: int
    records: Mapping[TopicPartition, Sequence[Row]]
    worked_since: float | None


class Checkpoint:
    """A transaction that is under way, or has its turn after one that is; it must be made in a running event loop.

    Args:
        commit: does it; is given what to call when the records are written.

    Attributes:
        written: its records are in Kafka's log, before all that is written from then on; or will not be any more.
        ended: it is over. It is a task of its own: whoever waits for it may be cancelled and breaks nothing off.
    """

    def __init__(self, commit: Callable[[Callable[[], None]], Coroutine[None, None, None]]) -> None:
        self.written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.create_task(commit(self._write))
        self.ended.add_done_callback(lambda _: self._write())

    def _write(self) -> None:
        if not self.written.done():
            self.written.set_result(None)
