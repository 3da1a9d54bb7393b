"""From what a raw message says to an entry of the customer log, or to the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from streamproc.collect.machines import judged
from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.collect.when import when
from streamproc.events.adapters import Adapted
from streamproc.events.adapters.native import missing_id
from streamproc.events.address import NO_ADDRESSES, AddressHash
from streamproc.events.identifiers import identifies_nobody
from streamproc.events.ignored import Ignored
from streamproc.events.profile import Identified
from streamproc.events.raw import Event
from streamproc.events.rejected import Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import has_subject, keys_of
from streamproc.events.times import LAST_MS, epoch_ms
from streamproc.events.tolerance import Mended

RECORD_TIME = "record_time"
"""Stands among the mended fields if the record's own time is not in milliseconds, and the event's counts."""


class Cleaned(NamedTuple):
    """An event that goes into the customer log: whose, when it happened and was received (epoch ms), and what.

    `mended` are the fields that were set right or left out (`events/tolerance.py`); `is_backfill` is of `When`.
    """

    keys: tuple[str, ...]
    at_ms: int
    event: Event
    was_clamped: bool
    received_ms: int
    mended: tuple[str, ...] = ()
    is_backfill: bool = False

    @property
    def result(self) -> Literal["accepted", "clamped", "backfill"]:
        """How it was taken, as metrics count it."""
        if self.was_clamped:
            return "clamped"
        return "backfill" if self.is_backfill else "accepted"


_NO_EVENT = (Rejected, Ignored)


@dataclass(frozen=True, slots=True)
class Progressed:
    """The source said that it is complete up to here (epoch ms)."""

    through_ms: int


def clean(
    event: Adapted,
    received_ms: int,
    settings: CollectSettings,
    topic: RawTopic,
    addresses: AddressHash = NO_ADDRESSES,
) -> Cleaned | Progressed | Ignored | Rejected:
    """Look whether the topic may say so, correct the time, find out whose it is and whether a machine did it.

    Without `addresses` the hash says nothing, for those who only ask whether a message is right.
    """
    event, mended = (event.event, event.fields) if isinstance(event, Mended) else (event, ())
    if isinstance(event, _NO_EVENT):
        return event
    if type(event) is SourceProgressed:  # half the time of isinstance, which asks the metaclass
        return Progressed(min(epoch_ms(event.through), LAST_MS))
    if (refused := topic.refusal(event)) is not None:
        return refused
    said = event
    event = with_hidden_address(without_blocked_ids(event, settings.blocked), addresses)
    if event is not said and not has_subject(event):  # as it was said, it had one
        return missing_id(event, "the ids are on the list of ids that identify nobody, and it has no address")
    event = judged(event, settings.machines)
    found = when(event, received_ms, settings)
    if isinstance(found, Rejected):
        return found
    at_ms, received_ms, was_clamped, was_told, is_backfill = found
    if not was_told:
        mended = (*mended, RECORD_TIME)
    return Cleaned(keys_of(event), at_ms, event, was_clamped, received_ms, mended, is_backfill)


def rejection_of(cleaned: Sequence[Cleaned | Progressed | Ignored | Rejected]) -> Rejected | None:
    """Why a message is a dead letter: the first that is wrong of what it says, and which of how many that is.

    One letter tells of the whole message. What else it says, and is not wrong, counts; when the message is sent again
    after mending, that is known by its ids.
    """
    for number, each in enumerate(cleaned, 1):
        if isinstance(each, Rejected):
            detail = each.detail if len(cleaned) == 1 else f"{number} of {len(cleaned)}: {each.detail}"
            return replace(each, detail=detail, field_name=each.about)
    return None


def with_hidden_address(event: Event, addresses: AddressHash) -> Event:
    """The event with a hash of the address that it names, or gives the customer as the trait `email`."""
    said = event.email
    if said is None and type(event) is Identified:
        said = str(event.traits.get("email"))
    return event if said is None else event.model_copy(update={"email": addresses.id_of(said)})


def without_blocked_ids(event: Event, blocked: frozenset[str]) -> Event:
    """The event without ids that identify nobody: `null`, `guest`, all zeros, or one that the configuration names."""
    customer, visitor = event.customer_id, event.anonymous_id
    is_no_customer = customer is not None and identifies_nobody(customer, blocked)
    is_no_visitor = visitor is not None and identifies_nobody(visitor, blocked)
    if not (is_no_customer or is_no_visitor):
        return event
    known = {"customer_id": None if is_no_customer else customer, "anonymous_id": None if is_no_visitor else visitor}
    return event.model_copy(update=known)
