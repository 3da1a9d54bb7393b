"""From a raw message to a customer-log entry, or to the reason why not."""

from dataclasses import dataclass

from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.events.identifiers import identifies_nobody
from streamproc.events.parse import has_subject, parse
from streamproc.events.raw import Event
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import subject_of
from streamproc.events.times import epoch_ms

LAST_MS = 221_845_392_000_000
"""The year 9000 (epoch ms). A producer may set any time; whatever is added to one before it is still a date."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An event that goes into the customer log: whose, when (corrected, epoch ms), and what."""

    key: str
    at_ms: int
    event: Event
    was_clamped: bool


@dataclass(frozen=True, slots=True)
class Progressed:
    """The source said that it is complete up to here (epoch ms)."""

    through_ms: int


def clean(
    raw: bytes | None, received_ms: int, settings: CollectSettings, topic: RawTopic
) -> Cleaned | Progressed | Rejected:
    """Parse, look whether the topic may say so, correct the time, find out whose it is."""
    event = parse(raw)
    if isinstance(event, Rejected):
        return event
    if isinstance(event, SourceProgressed):
        return Progressed(min(epoch_ms(event.through), LAST_MS))
    if (refused := topic.refusal(event)) is not None:
        return refused
    event = without_blocked_ids(event, settings.blocked)
    if not has_subject(event):
        return Rejected(Reason.MISSING_ID, "the ids are on the list of ids that identify nobody")
    at_ms = corrected_ms(event, received_ms)
    if received_ms > LAST_MS or at_ms < settings.earliest_ms or at_ms > received_ms + settings.limit_ms:
        return Rejected(Reason.TIME_OUT_OF_RANGE, "before collect.earliest or after collect.future_limit_hours")
    is_ahead = at_ms > received_ms + settings.tolerance_ms
    return Cleaned(subject_of(event).key, received_ms if is_ahead else at_ms, event, is_ahead)


def corrected_ms(event: Event, received_ms: int) -> int:
    """When it happened by Kafka's clock: the producer's clock only says how long before sending."""
    if event.sent_at is None:
        return epoch_ms(event.occurred_at)
    return received_ms - (epoch_ms(event.sent_at) - epoch_ms(event.occurred_at))


def without_blocked_ids(event: Event, blocked: frozenset[str]) -> Event:
    """The event without ids that identify nobody: `null`, `guest`, all zeros, or one that the configuration names."""
    changes = {
        name: None
        for name in ("customer_id", "anonymous_id")
        if (value := getattr(event, name)) is not None and identifies_nobody(value, blocked)
    }
    return event.model_copy(update=changes) if changes else event
