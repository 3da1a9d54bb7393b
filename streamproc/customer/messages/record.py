"""What is remembered of one message: each thing that was told of it, with its time.

The record is a function of the set of tellings. So what a late telling says of the others (an open turns out to be of
the moment of the delivery) is found by judging the record again (`judging.py`).
"""

from enum import IntEnum
from typing import NamedTuple, get_args

from streamproc.events.email import Bounced, BounceKind, Channel, Clicked, Complained, MessageEvent, Unsubscribed
from streamproc.events.identifiers import digest_of
from streamproc.events.raw import FAMILIES

MAX_TOLD = 16
"""So many things are remembered of one message, those that happened first; the rest is not judged again."""

CHANNELS = get_args(Channel)
BOUNCE_KINDS = get_args(BounceKind)
LINK_BYTES = 4


class Action(IntEnum):
    """What can happen to a message, in small letters as events say it."""

    SENT = 0
    DEFERRED = 1
    DROPPED = 2
    DELIVERED = 3
    BOUNCED = 4
    OPENED = 5
    CLICKED = 6
    COMPLAINED = 7
    UNSUBSCRIBED = 8


class SaidToBe(IntEnum):
    """Who did it, as far as the event itself says so."""

    ANYBODY = 0
    A_MACHINE = 1
    A_PERSON = 2


class Told(NamedTuple):
    """One thing that was told of a message.

    Attributes:
        at_ms: when it happened (epoch ms).
        action: an `Action`.
        link: a digest of what was clicked, 0: nobody said.
        by: a `SaidToBe`.
        channel: its place in `CHANNELS`.
        kind: of a bounce, its place in `BOUNCE_KINDS`.
    """

    at_ms: int
    action: int
    link: int = 0
    by: int = SaidToBe.ANYBODY
    channel: int = 0
    kind: int = 0


class Message(NamedTuple):
    """A message by the digest of its id, with what was told of it in the order of the times.

    `gone` has a bit for each thing that counted as the first of its kind and is not remembered any more
    (`happenings.py`).
    """

    digest: int
    told: tuple[Told, ...] = ()
    gone: int = 0

    def with_told(self, told: Told) -> "Message":
        """With one thing more, however many there are."""
        return self._replace(told=tuple(sorted((*self.told, told))))


_ACTION_OF = {event: Action[event.__name__.upper()] for event in FAMILIES["email"]}


def told_by(event: MessageEvent, at_ms: int) -> Told:
    """What an event tells."""
    url = event.url if isinstance(event, Clicked) else None
    return Told(
        at_ms,
        _ACTION_OF[type(event)],
        0 if url is None else digest_of(url.encode(), LINK_BYTES),
        _said_to_be(event),
        CHANNELS.index(event.channel),
        BOUNCE_KINDS.index(event.kind) if isinstance(event, Bounced) else 0,
    )


def _said_to_be(event: MessageEvent) -> SaidToBe:
    """The mailbox's program passes on a complaint or an unsubscription by header; a person stands behind both."""
    if isinstance(event, Complained) or (isinstance(event, Unsubscribed) and event.one_click):
        return SaidToBe.A_PERSON
    return SaidToBe.A_MACHINE if event.is_machine else SaidToBe.ANYBODY


def message_digest(message_id: str) -> int:
    """What a message is found by."""
    return digest_of(message_id.encode())
