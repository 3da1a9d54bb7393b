"""Which partition a key belongs to: murmur2, as Kafka's own producers do it."""

import struct
from functools import lru_cache

_SEED, _M, _MASK = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF


@lru_cache(maxsize=65536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key among `partitions`."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(content: bytes) -> int:
    """The hash of bytes (A. Appleby, MurmurHash2, with the seed of `org.apache.kafka.common.utils.Utils`).

    >>> murmur2(b"21") == -973932308 % 2**32
    True
    """
    whole = len(content) // 4
    mixed = _SEED ^ len(content)
    for (word,) in struct.iter_unpack("<I", content[: whole * 4]):
        word = word * _M & _MASK  # noqa: PLW2901
        word ^= word >> 24  # noqa: PLW2901
        mixed = mixed * _M & _MASK ^ word * _M & _MASK
    if rest := content[whole * 4 :]:
        mixed = (mixed ^ int.from_bytes(rest, "little")) * _M & _MASK
    mixed = (mixed ^ mixed >> 13) * _M & _MASK
    return mixed ^ mixed >> 15
