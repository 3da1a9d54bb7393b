"""The headers of the records that we write: CloudEvents 1.0 in binary mode, and where a dead letter came from."""

from collections.abc import Iterable
from dataclasses import dataclass

from streamproc.events.received import received_ms
from streamproc.events.rejected import Rejected
from streamproc.processor.api import Headers, Record
from streamproc.processor.unreadable import Unreadable

CE_SPEC_VERSION = "ce_specversion"
CE_ID = "ce_id"
CE_TYPE = "ce_type"
CE_SOURCE = "ce_source"
CE_TIME = "ce_time"
CONTENT_TYPE = "content-type"
SPECIFICATION, JSON = "1.0", "application/json"


def cloud_event(event_id: str, event_type: str, at: str, stage: str) -> Headers:
    """The headers of a decision."""
    return (
        (CE_SPEC_VERSION, SPECIFICATION.encode()),
        (CE_ID, event_id.encode()),
        (CE_TYPE, event_type.encode()),
        (CE_SOURCE, f"streamproc/{stage}".encode()),
        (CE_TIME, at.encode()),
        (CONTENT_TYPE, JSON.encode()),
    )


OURS = "dlq-"
"""How the name of each header begins that says why a message is a dead letter, and where it came from."""

REASON = f"{OURS}reason"
DETAIL = f"{OURS}detail"
EVENT_TYPE = f"{OURS}type"
FIELD = f"{OURS}field"
TOPIC = f"{OURS}topic"
PARTITION = f"{OURS}partition"
OFFSET = f"{OURS}offset"
LAST_OFFSET = f"{OURS}last-offset"
STAGE = f"{OURS}stage"
RECEIVED = f"{OURS}received-at"
CUT = f"{OURS}cut"
REPLAYED = f"{OURS}replayed"
"""Of the record that says, in the topic of the letters itself, that one of them was sent again.

It is written in the transaction that sends the message, and lives longer than the letter: so none is sent twice.
"""

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
    about = ((EVENT_TYPE, rejected.event_type), (FIELD, rejected.about))
    why: Headers = (
        (REASON, str(rejected.reason).encode()),
        (DETAIL, rejected.detail[:200].encode()),
        *((name, said[:200].encode()) for name, said in about if said),
        (TOPIC, topic.encode()),
        (PARTITION, str(record.partition).encode()),
        *_offsets(record),
        (STAGE, stage.encode()),
        (RECEIVED, str(received_ms(record.timestamp, record.headers)).encode()),
    )
    whole = len(record.key or b"") + len(record.value or b"") + _weight(record.headers)
    if whole <= MAX_DEAD_LETTER_BYTES:
        return DeadLetter(record.key, record.value, (*why, *record.headers))
    why = (*why, (CUT, str(whole).encode()))
    headers = tuple(record.headers) if _weight(record.headers) <= MAX_DEAD_LETTER_BYTES // 4 else ()
    key = record.key and record.key[: MAX_DEAD_LETTER_BYTES // 4]
    value = record.value and record.value[: MAX_DEAD_LETTER_BYTES // 2]
    return DeadLetter(key, value, (*why, *headers))


def _offsets(record: Record) -> Headers:
    """Where it stands: of a batch that cannot be read, the first and the last offset."""
    if not isinstance(record, Unreadable):
        return ((OFFSET, str(record.offset).encode()),)
    first: Headers = ((OFFSET, str(record.first_offset).encode()),)
    is_one = record.first_offset == record.offset
    return first if is_one else (*first, (LAST_OFFSET, str(record.offset).encode()))


def _weight(headers: Iterable[tuple[str, bytes | None]]) -> int:
    return sum(len(name.encode()) + len(value or b"") + 10 for name, value in headers)  # 10: the lengths in front
