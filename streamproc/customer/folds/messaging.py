"""Messages: what the customer got, opened and clicked, and whether that was a person."""

from enum import IntFlag
from typing import get_args

from streamproc.customer.folds.counting import count
from streamproc.customer.folds.registry import folds
from streamproc.customer.reach import bounced, reached
from streamproc.customer.state import MAX_CONSENTS, MAX_MESSAGES, Consent, Customer, Message
from streamproc.customer.windows import delta
from streamproc.events.email import (
    Bounced,
    Channel,
    Clicked,
    Complained,
    Deferred,
    Delivered,
    Dropped,
    MessageEvent,
    Opened,
    Sent,
    Unsubscribed,
)
from streamproc.events.identifiers import digest_of
from streamproc.events.profile import EVERYTHING, MARKETING, PURPOSES
from streamproc.events.times import SECOND_MS

MACHINE_MS = 2 * SECOND_MS
"""What is done this soon after the delivery a scanner does (docs/semantics.md, machines)."""


class MessageBit(IntFlag):
    """What happened to a message."""

    SENT = 1
    DELIVERED = 2
    OPENED = 4
    OPENED_BY_PERSON = 8
    CLICKED = 16
    CLICKED_BY_PERSON = 32
    BOUNCED = 64
    COMPLAINED = 128
    UNSUBSCRIBED = 256
    DEFERRED = 512
    DROPPED = 1024


_BITS: dict[type[MessageEvent], tuple[MessageBit, MessageBit]] = {
    Sent: (MessageBit.SENT, MessageBit.SENT),
    Deferred: (MessageBit.DEFERRED, MessageBit.DEFERRED),
    Dropped: (MessageBit.DROPPED, MessageBit.DROPPED),
    Delivered: (MessageBit.DELIVERED, MessageBit.DELIVERED),
    Opened: (MessageBit.OPENED, MessageBit.OPENED_BY_PERSON),
    Clicked: (MessageBit.CLICKED, MessageBit.CLICKED_BY_PERSON),
    Bounced: (MessageBit.BOUNCED, MessageBit.BOUNCED),
    Complained: (MessageBit.COMPLAINED, MessageBit.COMPLAINED),
    Unsubscribed: (MessageBit.UNSUBSCRIBED, MessageBit.UNSUBSCRIBED),
}
_DELTAS: dict[type[MessageEvent], tuple[int, ...]] = {
    Opened: delta(opens=1, actions=1),
    Clicked: delta(clicks=1, actions=1),
}


@folds(Sent, Deferred, Dropped, Delivered, Bounced, Opened, Clicked, Complained, Unsubscribed)
def fold_message(customer: Customer, event: MessageEvent, at_ms: int) -> None:
    """Remember it with the message, count it if a person did it, and take an unsubscription at its word."""
    person = is_person(customer, event, at_ms)
    remember(customer, event, at_ms, person=person)
    if person and type(event) in _DELTAS:
        count(customer, at_ms, _DELTAS[type(event)])
    note_delivery(customer, event, at_ms)
    if person and isinstance(event, Unsubscribed | Complained):
        set_consent(customer, consent_key(MARKETING, event.channel), Consent(granted=False, at_ms=at_ms))


def note_delivery(customer: Customer, event: MessageEvent, at_ms: int) -> None:
    """What it says about whether the channel reaches the customer."""
    if isinstance(event, Delivered):
        customer.reach = reached(customer.reach, event.channel, at_ms)
    if isinstance(event, Bounced) and event.kind in ("hard", "soft"):
        customer.reach = bounced(customer.reach, event.channel, at_ms, hard=event.kind == "hard")


def is_person(customer: Customer, event: MessageEvent, at_ms: int) -> bool:
    """Whether a person did it: not marked as a machine's, and not within two seconds of the delivery."""
    if isinstance(event, Unsubscribed) and event.one_click:
        return True
    if event.is_machine:
        return False
    if not isinstance(event, Opened | Clicked | Unsubscribed):
        return True
    message = known_message(customer, event.message_id)
    was_delivered = message is not None and message.bits & MessageBit.DELIVERED
    return not (was_delivered and message is not None and 0 <= at_ms - message.at_ms < MACHINE_MS)


def known_message(customer: Customer | None, message_id: str | None) -> Message | None:
    """What is remembered of a message, if it is one of the last."""
    if customer is None or message_id is None:
        return None
    digest = digest_of(message_id.encode())
    return next((message for message in reversed(customer.messages) if message.digest == digest), None)


def bits_of(event: MessageEvent, *, person: bool) -> MessageBit:
    """The bits that an event sets."""
    by_anybody, by_person = _BITS[type(event)]
    return by_anybody | by_person if person else by_anybody


def remember(customer: Customer, event: MessageEvent, at_ms: int, *, person: bool) -> None:
    """Set the event's bits in the message's record; the delivery's time is the message's time."""
    if event.message_id is None:
        return
    known = known_message(customer, event.message_id) or Message(digest_of(event.message_id.encode()), at_ms, 0)
    moment = at_ms if isinstance(event, Delivered) else known.at_ms
    changed = Message(known.digest, moment, known.bits | int(bits_of(event, person=person)))
    others = [message for message in customer.messages if message.digest != known.digest]
    customer.messages = (*others, changed)[-MAX_MESSAGES:]


def consent_key(purpose: str, channel: str) -> str:
    """How a purpose on a channel is called in the state."""
    return f"{purpose}:{channel}"


_ALWAYS_KEPT = {consent_key(purpose, channel) for purpose in (*PURPOSES, EVERYTHING) for channel in get_args(Channel)}
"""What the policy asks about: no number of other purposes may crowd out a refusal of these."""


def set_consent(customer: Customer, key: str, consent: Consent) -> None:
    """The latest statement counts, whatever the order of arrival; at the same moment the refusal counts."""
    known = customer.consents.get(key)
    if known is not None and (known.at_ms, not known.granted) > (consent.at_ms, not consent.granted):
        return
    if known is None and len(customer.consents) >= MAX_CONSENTS and key not in _ALWAYS_KEPT:
        return
    customer.consents = {**customer.consents, key: consent}
