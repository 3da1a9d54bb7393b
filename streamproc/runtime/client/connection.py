"""Connections to Kafka, and waiting for it at the start of a worker: brokers and workers are often started together."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from streamproc.runtime.client.authentication import reach
from streamproc.runtime.client.presence import Presence
from streamproc.runtime.exits import Exit, describe_error, fatal
from streamproc.runtime.refusal import RefusedError

FIRST_BACKOFF_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 5.0


@asynccontextmanager
async def connected(client: Mapping[str, Any]) -> AsyncIterator[AIOKafkaClient]:
    """A client for single questions, closed also if it finds no broker.

    Raises:
        aiokafka.errors.KafkaError: none answers.
    """
    kafka = AIOKafkaClient(**client)
    try:
        await kafka.bootstrap()
        yield kafka
    finally:
        await kafka.close()


async def wait_for_kafka(client: Mapping[str, Any], patience_seconds: float, presence: Presence) -> None:
    """Return when a broker answers; end the process if none does for too long, or at once if one refuses us."""
    deadline = time.monotonic() + patience_seconds
    backoff = FIRST_BACKOFF_SECONDS
    while (error := await _try(client)) is not None:
        left = deadline - time.monotonic()
        if left <= 0:
            fatal(Exit.KAFKA_AWAY, str(client["bootstrap_servers"]), describe_error(error))
        presence.lost(error)
        await asyncio.sleep(min(backoff, left))
        backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
    presence.found()


async def _try(client: Mapping[str, Any]) -> Exception | None:
    try:
        await reach(client)
    except (KafkaError, OSError) as error:
        return error
    except RefusedError as refused:
        fatal(refused.code, "start", str(refused))
    return None
