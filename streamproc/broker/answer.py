"""Asking a broker over Kafka's own protocol whether it is up: a listening port alone says nothing."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from streamproc.broker.config import HOST, NODE_ID

PATIENCE_MS = 2_000


def answers(port: int) -> bool:
    """Whether the broker there knows itself as part of a cluster with a controller, and so can make topics.

    Asks in a thread with an event loop of its own, so that it works under a running loop too.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _answers(port)).result()


async def _answers(port: int) -> bool:
    try:
        connection = await create_conn(HOST, port, request_timeout_ms=PATIENCE_MS)
    except (OSError, KafkaError, TimeoutError):
        return False
    try:
        metadata = await connection.send(MetadataRequest([]))
    except (OSError, KafkaError, TimeoutError):
        return False
    finally:
        await asyncio.wait([connection.close()])
    nodes = [node for node, *_ in metadata.brokers]
    return nodes == [NODE_ID] and metadata.controller_id == NODE_ID
