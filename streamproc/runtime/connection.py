"""Waiting for Kafka at the start of a worker: brokers and workers are often started together."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from streamproc.runtime.exits import Exit, describe_error, fatal

log = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 5.0


async def wait_for_kafka(client: Mapping[str, Any], patience_seconds: float) -> None:
    """Return when a broker answers; end the process if none does for too long."""
    deadline = time.monotonic() + patience_seconds
    backoff = FIRST_BACKOFF_SECONDS
    while (error := await _try(client)) is not None:
        left = deadline - time.monotonic()
        if left <= 0:
            fatal(Exit.KAFKA_AWAY, str(client["bootstrap_servers"]), describe_error(error))
        log.warning("waiting for Kafka at %s, %.0f s at most: %s", client["bootstrap_servers"], left, error)
        await asyncio.sleep(min(backoff, left))
        backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)


async def _try(client: Mapping[str, Any]) -> Exception | None:
    kafka = AIOKafkaClient(**client)
    try:
        await kafka.bootstrap()
    except (KafkaError, OSError) as error:
        return error
    finally:
        await kafka.close()
    return None
