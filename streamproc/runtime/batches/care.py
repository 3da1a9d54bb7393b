"""What all partitions of one consumer share when they are read: the unpacker, how much it did, and what is in doubt."""

from aiokafka import TopicPartition

from streamproc.runtime.batches.unpacking import Unpacker

UNPACKED_BYTES = 32 << 20
"""Of one batch, and again of all that one call returns: 32 times the largest batch that Kafka takes by default."""

MAX_HEADERS = 100_000
"""Of the records of one partition that one call returns: they take little space on the way and much in memory."""


class Care:
    """Bounds what one call to a consumer unpacks, whatever the number of partitions and batches."""

    def __init__(self, unpacked_bytes: int = UNPACKED_BYTES, max_headers: int = MAX_HEADERS) -> None:
        self.max_headers = max_headers
        self._unpacker = Unpacker(unpacked_bytes)
        self._unpacked = 0
        self._doubted: dict[TopicPartition, int] = {}

    def begin(self) -> None:
        """A new call begins."""
        self._unpacked = 0

    @property
    def is_spent(self) -> bool:
        """Whether the rest must wait for the next call."""
        return self._unpacked >= self._unpacker.bound

    def unpack(self, codec: int, packed: bytes) -> memoryview:
        """See `Unpacker.unpack`."""
        content = self._unpacker.unpack(codec, packed)
        self._unpacked += len(content)
        return content

    def doubts(self, place: TopicPartition, offset: int) -> bool:
        """Whether what is broken here should be fetched once more: it may have been broken on its way."""
        if self._doubted.get(place) == offset:
            return False
        self._doubted[place] = offset
        return True
