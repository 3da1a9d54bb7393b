"""Which partition a key belongs to: murmur2, as Kafka's own producers do it."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=65536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key among `partitions`."""
    number: int = murmur2(key) & 0x7FFFFFFF
    return number % partitions
