"""One Kafka transaction: changed states, outputs and the source offset, all or nothing.

Against events lost or counted twice in crashes and rebalances, and against zombies: starting the producer fences every
older owner of the same transactional id and aborts what it left open.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import InvalidProducerIdMapping, KafkaError

from streamproc.processor.api import Headers
from streamproc.runtime.client.producing import make_producer
from streamproc.runtime.deadlines import CONNECTION_SECONDS
from streamproc.runtime.refusal import RecordTooLargeError
from streamproc.runtime.worker.guard import PauseGuard, guard_requests

Row = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers of a record to be written."""

TRANSACTION_SECONDS = 60
"""Kafka's own default. A transaction holds one checkpoint, which is bounded, and the event loop is never kept from it
for long: only while a broker is away does it take seconds. So long, readers wait for a worker that never comes back.
"""


class ForgottenError(Exception):
    """Kafka does not know the transactional id, or as somebody else's only, who came after it had forgotten us.

    It forgets none with an open transaction (`transactional.id.expiration.ms`, a week): nothing of ours is half done.
    """


class TransactionalWriter:
    """The producer of one source partition; it must be created in a running event loop.

    Args:
        client: aiokafka's connection arguments.
        transactional_id: whoever starts with it later ends this one.
        batch_bytes: the biggest batch of several records.
        limits: the largest record that each topic takes, by its name on the cluster.
        guard: is asked before each request.
    """

    def __init__(
        self,
        client: Mapping[str, Any],
        transactional_id: str,
        batch_bytes: int,
        limits: Mapping[str, int],
        guard: PauseGuard,
    ) -> None:
        self._make_producer: Callable[[], AIOKafkaProducer] = partial(
            make_producer,
            client,
            transactional_id=transactional_id,
            transaction_timeout_ms=TRANSACTION_SECONDS * 1000,
            linger_ms=0,
            max_batch_size=min([batch_bytes, *limits.values()]),
        )
        self._producer = self._make_producer()
        self._limits = limits
        self._guard = guard

    async def fence(self) -> None:
        """End all older owners; what they committed is visible from here on, what they left open is aborted."""
        await self._producer.start()
        guard_requests(self._producer.client, self._guard)

    async def fence_anew(self) -> None:
        """As `fence`, after a `ForgottenError`: aiokafka's producer does not survive that."""
        await self.stop()
        self._producer = self._make_producer()
        await self.fence()

    async def commit(
        self,
        records: Mapping[TopicPartition, Sequence[Row]],
        source: Mapping[TopicPartition, int],
        group: str,
        written: Callable[[], None] = lambda: None,
    ) -> Mapping[TopicPartition, int]:
        """Write all records and the source offset; returns the offset after the last record of each partition.

        Once Kafka has all records, `written` is called: what is sent from then on stands behind them. The offset goes
        after them, not beside them: Kafka refuses it while it adds partitions (retry in 0.1 s).

        Raises:
            RecordTooLargeError: a topic does not take one of the records; it has not been sent.
            ForgottenError: Kafka does not know the transactional id as ours.
        """
        try:
            await self._producer.begin_transaction()
            ends = await asyncio.gather(*(self._write(target, rows) for target, rows in records.items()))
            written()
            await self._producer.send_offsets_to_transaction(source, group)
            self._guard.check()
            await self._producer.commit_transaction()
        except KafkaError as error:
            if _is_forgotten(error):
                ended = self._producer._txn_manager.wait_for_transaction_end()  # noqa: SLF001
                if ended.done():
                    ended.exception()  # We know it; asyncio would complain that nobody looked.
                raise ForgottenError(repr(error)) from error
            raise
        return dict(zip(records, ends, strict=True))

    async def stop(self) -> None:
        """Close the connections, within a bound; an open transaction is aborted by the next owner."""
        await asyncio.wait([asyncio.ensure_future(self._producer.stop())], timeout=CONNECTION_SECONDS)

    async def _write(self, target: TopicPartition, rows: Sequence[Row]) -> int:
        """Write rows in few big batches, in order."""
        batch, sent, first = self._producer.create_batch(), [], rows[0][0]
        for key, value, headers in rows:
            if batch.append(key=key, value=value, timestamp=None, headers=list(headers)) is None:
                sent.append(await self._send(batch, target, first))
                batch, first = self._producer.create_batch(), key
                batch.append(key=key, value=value, timestamp=None, headers=list(headers))
        count = int(batch.record_count())
        sent.append(await self._send(batch, target, first))
        acknowledged = await asyncio.gather(*sent)
        return int(acknowledged[-1].offset) + count

    async def _send(self, batch: Any, target: TopicPartition, first: bytes | None) -> asyncio.Future[Any]:
        """Send a batch; one that is over the topic's limit holds a single record, which `append` always takes."""
        size, limit = int(batch.size()), self._limits.get(target.topic)
        if limit is not None and size > limit:
            place = f"{target.topic}-{target.partition}"
            raise RecordTooLargeError(f"{place}, key {key_hash(first)}: {size} bytes, at most {limit}")
        batch.close()
        acknowledged: asyncio.Future[Any] = await self._producer.send_batch(
            batch, target.topic, partition=target.partition
        )
        return acknowledged


def _is_forgotten(error: BaseException | None) -> bool:
    """Whether that is the cause: what aiokafka's sender meets, it tells as the cause of another error."""
    return error is not None and (isinstance(error, InvalidProducerIdMapping) or _is_forgotten(error.__cause__))


def key_hash(key: bytes | None) -> str:
    """How a key is named in logs, which must not tell of customers: the first 48 bits of its BLAKE2b, hex."""
    return "(none)" if key is None else blake2b(key, digest_size=6).hexdigest()
