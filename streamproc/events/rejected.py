"""Why a message can never be processed: the closed list of dead-letter reasons."""

from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """One word per kind of bad input; the value of the header `dlq-reason` and of the metric's label."""

    EMPTY = "empty"
    TOMBSTONE = "tombstone"
    TOO_LARGE = "too_large"
    BINARY_FORMAT = "binary_format"
    NOT_UTF8 = "not_utf8"
    BYTE_ORDER_MARK = "byte_order_mark"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    CHANGE_RECORD = "change_record"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_FIELD = "missing_field"
    MISSING_ID = "missing_id"
    WRONG_VALUE = "wrong_value"
    WRONG_TOPIC = "wrong_topic"
    UNKNOWN_ADAPTER = "unknown_adapter"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    UNREADABLE_RECORD = "unreadable_record"
    CONFLICTING_REPEAT = "conflicting_repeat"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that goes to the dead letters, with the reason and where in the message it is.

    Attributes:
        detail: what is wrong, in words that never repeat the message's own content.
        event_type: the type of the event that it is about, if that is known.
        field_name: the field that costs the event; empty if it is none, or if it is `detail` itself (a missing one).
    """

    reason: Reason
    detail: str = ""
    event_type: str = field(default="", compare=False)
    field_name: str = field(default="", compare=False)

    @property
    def about(self) -> str:
        """The field that costs the event; empty if it is none."""
        return self.field_name or (self.detail if self.reason is Reason.MISSING_FIELD else "")


MEANINGS: dict[str, str] = {
    Reason.EMPTY: "the record's value has no bytes",
    Reason.TOMBSTONE: "the record has no value: it deletes its key in a compacted topic, and erases nobody here",
    Reason.TOO_LARGE: "larger than an event may be",
    Reason.BINARY_FORMAT: "a schema registry's frame around what is no JSON object (Avro, Protobuf)",
    Reason.NOT_UTF8: "the bytes are no UTF-8",
    Reason.BYTE_ORDER_MARK: "begins with a byte order mark: save it as UTF-8 without BOM",
    Reason.NOT_JSON: "no JSON",
    Reason.TOO_DEEP: "nested more deeply than any event",
    Reason.NOT_AN_OBJECT: "JSON, and no object",
    Reason.DUPLICATE_KEY: "a key is there twice, and nobody knows which counts",
    Reason.CHANGE_RECORD: "what changed in a row of a database (Debezium), and no event",
    Reason.UNKNOWN_TYPE: "no event type of this release",
    Reason.MISSING_FIELD: "a field without which the event means nothing is not there",
    Reason.MISSING_ID: "says of nobody: no id, or one that identifies nobody",
    Reason.WRONG_VALUE: "a field has a value that it cannot have",
    Reason.WRONG_TOPIC: "the topic may not carry this family of events (`families` in its file)",
    Reason.UNKNOWN_ADAPTER: "its header `streamproc-adapter` names a format that this release does not read",
    Reason.TIME_OUT_OF_RANGE: "happened too long ago, or in the future",
    Reason.UNREADABLE_RECORD: "Kafka took it, and no consumer can make a record of it",
    Reason.CONFLICTING_REPEAT: "of this type and id an event was applied that says something else",
}
"""What each reason means, for people."""
