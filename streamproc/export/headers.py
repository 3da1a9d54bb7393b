"""The headers of our records, as the AsyncAPI document shows them."""

from streamproc.events.rejected import Reason

CLOUD_EVENT_HEADERS = {
    "type": "object",
    "description": "CloudEvents 1.0, binary content mode.",
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "The same for a repeat of the same decision."},
        "ce_type": {"type": "string", "description": "The value of the message's field `type`."},
        "ce_source": {"type": "string", "description": "The stage that wrote it."},
        "ce_time": {"type": "string", "format": "date-time", "description": "Event time."},
        "content-type": {"const": "application/json"},
    },
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source"],
}

DEAD_LETTER_HEADERS = {
    "type": "object",
    "description": "Why the message can never be processed, and where it came from.",
    "properties": {
        "dlq-reason": {"type": "string", "enum": [str(reason) for reason in Reason]},
        "dlq-topic": {"type": "string"},
        "dlq-partition": {"type": "string", "description": "A number, as text."},
        "dlq-offset": {"type": "string", "description": "A number, as text."},
        "dlq-last-offset": {"type": "string", "description": "Of a batch that cannot be read; a number, as text."},
        "dlq-stage": {"type": "string"},
        "dlq-received-at": {"type": "string", "description": "When it was received (epoch ms), as text."},
        "dlq-detail": {"type": "string", "description": "What is wrong, without the message's own content."},
        "dlq-cut": {"type": "string", "description": "How many bytes it had, if it was too large to be kept whole."},
        "dlq-replayed": {
            "type": "string",
            "description": "Alone, in a record without value: the letter at this offset has been sent again.",
        },
    },
    "required": ["dlq-reason", "dlq-topic", "dlq-partition", "dlq-offset", "dlq-stage"],
}
