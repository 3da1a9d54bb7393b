"""The headers of our records, as the AsyncAPI document shows them."""

from streamproc.events.rejected import Reason
from streamproc.processor import headers as of

CLOUD_EVENT_HEADERS = {
    "type": "object",
    "description": "CloudEvents 1.0, binary content mode.",
    "properties": {
        of.CE_SPEC_VERSION: {"const": of.SPECIFICATION},
        of.CE_ID: {"type": "string", "description": "The same for a repeat of the same decision."},
        of.CE_TYPE: {"type": "string", "description": "The value of the message's field `type`."},
        of.CE_SOURCE: {"type": "string", "description": "The stage that wrote it."},
        of.CE_TIME: {"type": "string", "format": "date-time", "description": "Event time."},
        of.CONTENT_TYPE: {"const": of.JSON},
    },
    "required": [of.CE_SPEC_VERSION, of.CE_ID, of.CE_TYPE, of.CE_SOURCE],
}

DEAD_LETTER_HEADERS = {
    "type": "object",
    "description": "Why the message can never be processed, and where it came from.",
    "properties": {
        of.REASON: {"type": "string", "enum": [str(reason) for reason in Reason]},
        of.TOPIC: {"type": "string"},
        of.PARTITION: {"type": "string", "description": "A number, as text."},
        of.OFFSET: {"type": "string", "description": "A number, as text."},
        of.LAST_OFFSET: {"type": "string", "description": "Of a batch that cannot be read; a number, as text."},
        of.STAGE: {"type": "string"},
        of.RECEIVED: {"type": "string", "description": "When it was received (epoch ms), as text."},
        of.DETAIL: {"type": "string", "description": "What is wrong, without the message's own content."},
        of.EVENT_TYPE: {"type": "string", "description": "The type of the event that is wrong, if it is known."},
        of.FIELD: {"type": "string", "description": "The field that costs the event, if it is one."},
        of.CUT: {"type": "string", "description": "How many bytes it had, if it was too large to be kept whole."},
        of.REPLAYED: {
            "type": "string",
            "description": "Alone, in a record without value: the letter at this offset has been sent again.",
        },
    },
    "required": [of.REASON, of.TOPIC, of.PARTITION, of.OFFSET, of.STAGE],
}
