"""From what a raw message says to an entry of the customer log, or to the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.events.adapters import Adapted
from streamproc.events.identifiers import identifies_nobody
from streamproc.events.raw import Event
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import has_subject, subject_of
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
    event: Adapted, received_ms: int, settings: CollectSettings, topic: RawTopic
) -> Cleaned | Progressed | Rejected:
    """Look whether the topic may say so, correct the time, find out whose it is."""
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


def rejection_of(cleaned: Sequence[Cleaned | Progressed | Rejected]) -> Rejected | None:
    """Why a message is a dead letter: the first that is wrong of what it says, and which of how many that is.

    One letter tells of the whole message. What else it says, and is not wrong, counts; when the message is sent again
    after mending, that is known by its ids.
    """
    for number, each in enumerate(cleaned, 1):
        if isinstance(each, Rejected):
            return each if len(cleaned) == 1 else Rejected(each.reason, f"{number} of {len(cleaned)}: {each.detail}")
    return None


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
