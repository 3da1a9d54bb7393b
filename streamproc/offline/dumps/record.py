"""One record of a dump, and the one error of dumps that cannot be read."""

from streamproc.value import value

Headers = tuple[tuple[str, bytes], ...]


@value
class DumpedRecord:
    """One Kafka record; `timestamp` in epoch ms, `topic` without the cluster's prefix.

    `partition`, `offset` and `topic_id` (hex) say where it stood; None for what was never in Kafka.
    """

    topic: str
    key: bytes | None
    timestamp: int
    value: bytes | None
    partition: int | None = None
    offset: int | None = None
    headers: Headers = ()
    topic_id: str | None = None


class DumpError(ValueError):
    """A dump cannot be read: says the file, the line and what to do."""
