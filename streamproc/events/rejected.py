"""Why a message can never be processed: the closed list of dead-letter reasons."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """One word per kind of bad input; the value of the header `dlq-reason` and of the metric's label."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    BYTE_ORDER_MARK = "byte_order_mark"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_FIELD = "missing_field"
    MISSING_ID = "missing_id"
    WRONG_VALUE = "wrong_value"
    WRONG_TOPIC = "wrong_topic"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    UNREADABLE_RECORD = "unreadable_record"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that goes to the dead letters, with the reason and where in the message it is."""

    reason: Reason
    detail: str = ""
