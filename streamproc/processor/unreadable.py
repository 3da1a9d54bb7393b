"""What stands in a topic and cannot be read as a record.

Against one producer's broken record that holds everybody's back: it is handed on in its place, among the good ones,
and whoever processes them decides what becomes of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)  # not frozen: `Record` promises attributes, as aiokafka's records have them
class Unreadable:
    """A record, or all of a batch, that cannot be read; it fits `Record`, so that it keeps its place in the order.

    Attributes:
        topic, partition: where it stands (the topic as the cluster calls it).
        first_offset, offset: the first and the last offset concerned; the same for a single record.
        timestamp: of the record or, where that is not known, the last one of its batch (epoch ms).
        key, value, headers: the record's own where they could be had; else `value` holds the bytes as they came.
        reason: why it cannot be read, in a few words.
    """

    topic: str
    partition: int
    first_offset: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    reason: str

    @property
    def place(self) -> str:
        """Its offset, or its first and last one."""
        if self.first_offset == self.offset:
            return f"offset {self.offset}"
        return f"offsets {self.first_offset} to {self.offset}"
