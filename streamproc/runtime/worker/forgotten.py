"""Going on after Kafka has forgotten a transactional id, as it does with one that was idle for a week.

Against a worker that ends because nothing happened, and against the opposite, a zombie that makes itself the owner
again: with the id Kafka forgot who had fenced whom, and says the same to both. So the group is asked first whether this
worker is still in it: then nobody else was given the partition. Then the id is fenced anew, and only if the committed
offset is where this worker left it, with nobody able to move it any more, may the transaction be repeated.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

from streamproc.runtime.worker.offsets import read_offsets
from streamproc.runtime.worker.transaction import ForgottenError, Row, TransactionalWriter

log = logging.getLogger(__name__)

AskGroup = Callable[[], Awaitable[bool]]
"""Whether the group still knows this worker as it was when it gave it its partitions."""


class ReplacedError(Exception):
    """Kafka forgot the transactional id, and the partition may be somebody else's by now."""


class OwnersWriter:
    """The producer of an owned source partition: a `TransactionalWriter` that goes on after it was forgotten."""

    def __init__(
        self, writer: TransactionalWriter, source: TopicPartition, client: Mapping[str, Any], is_member: AskGroup
    ) -> None:
        self._writer = writer
        self._source = source
        self._client = client
        self._is_member = is_member
        self._committed: int | None = None

    async def fence(self) -> None:
        """End all older owners."""
        await self._writer.fence()

    def stands_at(self, committed: int | None) -> None:
        """What Kafka said after the fence; None: nothing was ever committed."""
        self._committed = committed

    async def commit(
        self,
        records: Mapping[TopicPartition, Sequence[Row]],
        offset: int,
        group: str,
        written: Callable[[], None] = lambda: None,
    ) -> Mapping[TopicPartition, int]:
        """As the writer's; the whole transaction is repeated if Kafka had forgotten us and nobody else was the owner.

        Raises:
            ReplacedError: somebody else is the owner, or has been.
        """
        source = {self._source: offset}
        try:
            ends = await self._writer.commit(records, source, group, written)
        except ForgottenError:
            await self._fence_anew(group)
            ends = await self._writer.commit(records, source, group, written)
        self._committed = offset
        return ends

    async def stop(self) -> None:
        """Close the connections."""
        await self._writer.stop()

    async def _fence_anew(self, group: str) -> None:
        forgotten = f"Kafka had forgotten the transactional id of {self._source.topic}-{self._source.partition}"
        if not await self._is_member():
            raise ReplacedError(f"{forgotten}, and this worker is not in the group any more")
        await self._writer.fence_anew()
        table = await read_offsets(self._client, group, [self._source], [])
        now = table.committed[self._source]
        if now != self._committed:
            raise ReplacedError(f"{forgotten}, and meanwhile {self._committed} became {now}")
        log.info("%s, idle for long; fenced anew at %s", forgotten, now)
