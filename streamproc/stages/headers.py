"""The headers of the records that we write: CloudEvents 1.0 in binary mode, and where a dead letter came from."""

from streamproc.events.rejected import Rejected
from streamproc.stages.processor import Headers, Record


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


def dead_letter(rejected: Rejected, topic: str, record: Record, stage: str) -> Headers:
    """Why a message was rejected and where it stands; the message's own headers are kept behind."""
    return (
        ("dlq-reason", str(rejected.reason).encode()),
        ("dlq-detail", rejected.detail[:200].encode()),
        ("dlq-topic", topic.encode()),
        ("dlq-partition", str(record.partition).encode()),
        ("dlq-offset", str(record.offset).encode()),
        ("dlq-stage", stage.encode()),
        *record.headers,
    )
