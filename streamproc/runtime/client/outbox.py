"""A producer that knows whether everything it was given has been acknowledged, and that gives up in bounded time.

aiokafka's idempotent producer retries for ever and cannot be stopped while the broker is away. Here nothing waits
longer than `give_up_seconds` without an acknowledgement, and closing ends every task of the producer.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError, UnknownTopicOrPartitionError

from streamproc.events.received import received_header
from streamproc.processor.api import Headers
from streamproc.runtime.client.producing import make_producer

CLOSING_SECONDS = 5.0
"""How long an interrupted outbox still waits for acknowledgements."""

_SETTINGS: dict[str, Any] = {
    "enable_idempotence": True,
    "acks": "all",
    "request_timeout_ms": 10_000,
    "linger_ms": 10,
    "max_batch_size": 64 << 10,
}
_LOOK_EVERY_SECONDS = 1.0


class SendError(RuntimeError):
    """Records could not be sent: says why and what to do."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be sent: when its message was received (epoch ms), and headers besides the one that says so."""

    key: bytes | None
    value: bytes | None
    received_ms: int
    headers: Headers = ()


class Outbox:
    """Sends records, each exactly once and in order per partition, and awaits their acknowledgements.

    `client` are aiokafka's connection settings (`bootstrap_servers`, security, …).
    """

    def __init__(self, client: Mapping[str, Any], give_up_seconds: float) -> None:
        self.acknowledged = 0
        self._given = 0
        self._give_up_seconds = give_up_seconds
        self._heard_at = time.monotonic()
        self._error: BaseException | None = None
        self._settled = asyncio.Event()
        self._producer = make_producer(client, **_SETTINGS)
        # A batch that waits for a leader longer than this is dropped; by default that is one request's time-out.
        self._producer._message_accumulator._batch_ttl = give_up_seconds  # noqa: SLF001
        self._brokers = client.get("bootstrap_servers", "localhost")

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._give_up_seconds):
                await self._producer.start()
        except BaseException as error:  # a cancellation, too, leaves no connection open
            await self._producer.stop()
            if isinstance(error, TimeoutError):
                raise KafkaConnectionError(f"no answer from {self._brokers}") from error
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.all_acknowledged()
        except (TimeoutError, SendError):
            await self._abandon()
            if kind is None:
                raise
        except BaseException:
            await self._abandon()
            raise
        else:
            await self._producer.stop()

    async def partitions_of(self, topic: str) -> list[int]:
        """The partitions of a topic.

        Raises:
            SendError: there is no such topic.
        """
        try:
            return sorted(await self._producer.partitions_for(topic))
        except UnknownTopicOrPartitionError as error:
            raise SendError(f"topic {topic} does not exist; create it first: streamproc topics apply") from error
        except KafkaError as error:
            raise SendError(f"topic {topic}: {error!r}") from error

    async def put(self, topic: str, record: Outgoing, *, partition: int | None = None) -> None:
        """Hand over one record; waits only while the partition's buffer is full. No partition: by the key's hash.

        The record's time is now, and when it was received stands in a header (`events/received.py` says why).

        Raises:
            SendError: this record, or one before it, can never be sent, or the broker is away for too long.
        """
        if record.key is None and record.value is None:
            raise SendError(f"a record of {topic} has neither key nor value; take it out of the dump")
        headers = [received_header(record.received_ms), *record.headers]
        while True:
            self._check()
            record_ms = max(record.received_ms, time.time_ns() // 1_000_000)
            try:
                sending = await self._producer.send(topic, record.value, record.key, partition, record_ms, headers)
            except KafkaTimeoutError:
                continue
            except KafkaError as error:
                raise SendError(f"a record of {topic} cannot be sent: {error!r}") from error
            break
        if self._given == self.acknowledged:
            self._heard_at = time.monotonic()
        self._given += 1
        self._settled.clear()
        sending.add_done_callback(self._hear)

    async def all_acknowledged(self) -> None:
        """Wait until the brokers have confirmed every record handed over so far.

        Raises:
            SendError: a record was refused, or nothing was confirmed for `give_up_seconds`.
        """
        while self._given > self.acknowledged:
            self._check()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_SECONDS):
                    await self._settled.wait()

    def _hear(self, sending: asyncio.Future[Any]) -> None:
        self._heard_at = time.monotonic()
        error = sending.exception()
        if error is None:
            self.acknowledged += 1
        else:
            self._error = self._error or error
        if error is not None or self._given == self.acknowledged:
            self._settled.set()

    def _check(self) -> None:
        if self._error is not None:
            raise SendError(f"Kafka refused a record: {self._error!r}") from self._error
        silent_seconds = time.monotonic() - self._heard_at
        if self._given > self.acknowledged and silent_seconds > self._give_up_seconds:
            raise SendError(
                f"no acknowledgement from {self._brokers} for {silent_seconds:.0f} s; "
                f"{self._given - self.acknowledged} records are open"
            )

    async def _abandon(self) -> None:
        """End the producer without its records; its own `stop` would wait for them for ever."""
        sender = self._producer._sender.sender_task  # noqa: SLF001
        for _ in range(2):  # the second time interrupts the request that the first one still waits for
            sender.cancel()
            await asyncio.wait([sender], timeout=1)
        await self._producer.client.close()
        self._producer._closed = True  # noqa: SLF001
