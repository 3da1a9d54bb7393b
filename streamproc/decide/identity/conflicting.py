"""An event that came again with other content: nobody knows which of the two is right, so a person has to look.

The first was applied. The other one becomes a dead letter of the raw topic that it came from, with its place there. The
letter holds the event as it stands in the customer log, of addresses only their hashes; at its place is the message as
it was sent.
"""

from streamproc.events.log import LogEntry, RawPlace, encode_event
from streamproc.events.raw import Event
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.subject import Subject
from streamproc.events.topics import dead_letter_topic
from streamproc.processor.api import InputRecord, OutputRecord
from streamproc.processor.headers import dead_letter

DETAIL = "an event of this type and id, with other content, was applied before"


def conflict_of(event: Event) -> Rejected:
    """Why the event is passed over."""
    return Rejected(Reason.CONFLICTING_REPEAT, DETAIL, event.type)


def letter_of(event: Event, entry: LogEntry, place: RawPlace, stage: str) -> OutputRecord:
    """The dead letter; `place` is where its message stands."""
    received_ms = entry.at_ms if entry.received_ms is None else entry.received_ms
    key = Subject.of_key(entry.key).id.encode()
    record = InputRecord(*place, received_ms, key, encode_event(event))
    letter = dead_letter(conflict_of(event), record.topic, record, stage)
    return OutputRecord(dead_letter_topic(record.topic), letter.key, letter.value, 0, letter.headers)
