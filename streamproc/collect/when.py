"""When an event happened, and when it was received: whose clock is believed, and how far.

A clock that is wrong costs a page view, and never a refusal: that somebody wants no more messages, or wants to be
forgotten, is as true with a wrong time on it.
"""

from typing import NamedTuple

from streamproc.collect.settings import CollectSettings
from streamproc.events.raw import Event
from streamproc.events.received import in_milliseconds
from streamproc.events.refusals import is_refusal
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import LAST_MS, epoch_ms


class When(NamedTuple):
    """When it happened (corrected) and was received, epoch ms.

    `was_clamped`: it happened when it was received, since its own time cannot be. `was_told`: the record's own time is
    a time in milliseconds. `is_backfill`: it was received so long after it happened that somebody sends history, or has
    a clock that stands years behind; which of the two, only `sent_at` could say.
    """

    at_ms: int
    received_ms: int
    was_clamped: bool = False
    was_told: bool = True
    is_backfill: bool = False


def when(event: Event, record_ms: int, settings: CollectSettings) -> When | Rejected:
    """When it happened by Kafka's clock; a record whose own time cannot be counts as received when it happened."""
    at_ms = epoch_ms(event.occurred_at)
    if event.sent_at is None and settings.earliest_ms <= at_ms <= record_ms <= LAST_MS:  # nearly always
        return When(at_ms, record_ms, is_backfill=record_ms - at_ms > settings.past_limit_ms)
    read = in_milliseconds(record_ms, settings.earliest_ms)
    received = at_ms if read is None else read
    at_ms = received if read is None else corrected_ms(event, received)
    if settings.earliest_ms <= at_ms <= min(received + settings.limit_ms, LAST_MS):
        is_ahead = at_ms > received + settings.tolerance_ms
        is_backfill = event.sent_at is None and received - at_ms > settings.past_limit_ms
        return When(received if is_ahead else at_ms, received, is_ahead, read == record_ms, is_backfill)
    if read is not None and is_refusal(event):
        return When(received, received, was_clamped=True, was_told=read == record_ms)
    of_record = f", and the record's own time is not in milliseconds: {record_ms}" if read != record_ms else ""
    detail = f"before collect.earliest or after collect.future_limit_hours{of_record}"
    return Rejected(Reason.TIME_OUT_OF_RANGE, detail, event.type, "occurred_at")


def corrected_ms(event: Event, received_ms: int) -> int:
    """When it happened by Kafka's clock: the producer's clock only says how long before sending."""
    if event.sent_at is None:
        return epoch_ms(event.occurred_at)
    return received_ms - (epoch_ms(event.sent_at) - epoch_ms(event.occurred_at))
