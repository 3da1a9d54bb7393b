"""The one way to make a producer, so that whatever is written is compressed.

A state is a third of its size then, for whoever writes, replicates, keeps and recovers it.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaProducer

COMPRESSION = "zstd"
"""Kafka's own level (3). A topic's `compression.type` can have the broker do it otherwise."""


def make_producer(client: Mapping[str, Any], **settings: Any) -> AIOKafkaProducer:
    """A producer, not yet started; it must be made in a running event loop.

    Args:
        client: aiokafka's connection arguments; what stands in them, too, wins.
        settings: its other arguments.
    """
    return AIOKafkaProducer(**settings | dict(client), compression_type=COMPRESSION)
