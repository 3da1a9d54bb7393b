"""The headers of the records that we write: CloudEvents 1.0 in binary mode, and where a dead letter came from."""

from collections.abc import Iterable
from dataclasses import dataclass

from streamproc.events.received import received_ms
from streamproc.events.rejected import Rejected
from streamproc.processor.api import Headers, Record
from streamproc.processor.unreadable import Unreadable


def cloud_event(event_id: str, event_type: str, at: str, stage: str) -> Headers:
    """The headers of a decision."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", event_type.encode()),
        ("ce_source", f"streamproc/{stage}".encode()),
        ("ce_time", at.encode()),
        ("content-type", b"application/json"),
    )


MAX_DEAD_LETTER_BYTES = 2_000_000
"""What a dead letter may weigh: its topic takes 2 MiB (`[dead_letters]` in `topics/defaults.toml`)."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A rejected message as it is kept: key, value and headers untouched, behind the headers that say why and where."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def dead_letter(rejected: Rejected, topic: str, record: Record, stage: str) -> DeadLetter:
    """Why a message was rejected and where it stands, and the message.

    A message that was compressed on its way can be larger than any topic takes it: then as much of it is kept as
    fits, and `dlq-cut` says how many bytes it had. It would stop its partition for ever otherwise.
    """
    why: Headers = (
        ("dlq-reason", str(rejected.reason).encode()),
        ("dlq-detail", rejected.detail[:200].encode()),
        ("dlq-topic", topic.encode()),
        ("dlq-partition", str(record.partition).encode()),
        *_offsets(record),
        ("dlq-stage", stage.encode()),
        ("dlq-received-at", str(received_ms(record.timestamp, record.headers)).encode()),
    )
    whole = len(record.key or b"") + len(record.value or b"") + _weight(record.headers)
    if whole <= MAX_DEAD_LETTER_BYTES:
        return DeadLetter(record.key, record.value, (*why, *record.headers))
    why = (*why, ("dlq-cut", str(whole).encode()))
    headers = tuple(record.headers) if _weight(record.headers) <= MAX_DEAD_LETTER_BYTES // 4 else ()
    key = record.key and record.key[: MAX_DEAD_LETTER_BYTES // 4]
    value = record.value and record.value[: MAX_DEAD_LETTER_BYTES // 2]
    return DeadLetter(key, value, (*why, *headers))


def _offsets(record: Record) -> Headers:
    """Where it stands: of a batch that cannot be read, the first and the last offset."""
    if not isinstance(record, Unreadable):
        return (("dlq-offset", str(record.offset).encode()),)
    first: Headers = (("dlq-offset", str(record.first_offset).encode()),)
    is_one = record.first_offset == record.offset
    return first if is_one else (*first, ("dlq-last-offset", str(record.offset).encode()))


def _weight(headers: Iterable[tuple[str, bytes | None]]) -> int:
    return sum(len(name.encode()) + len(value or b"") + 10 for name, value in headers)  # 10: the lengths in front
