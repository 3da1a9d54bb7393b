"""A key that stands for somebody else: an id by which a customer was known, and what has come under it.

An anonymous id, an order, a message, an address or a customer that was merged into another one has such a state as soon
as somebody is known to be behind it. Messages and addresses have one before that, too: what comes under them waits.
"""

import struct
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from streamproc.events.log import RawPlace
from streamproc.events.versions import NewerVersionError

MAX_OWNERS = 16
MAX_WAITING = 32
MAX_WAITING_BYTES = 64 * 1024
"""So much waits under one key; the oldest gives way."""


class Owner(NamedTuple):
    """Whose the key is from a moment on (epoch ms); a customer's or visitor's key."""

    key: str
    since_ms: int


class Waiting(NamedTuple):
    """An event that came before it was known whose it is: corrected time, received time (epoch ms), its JSON.

    `raw`: where its message stands.
    `is_word`: it says of an address whether messages may come to it. That is kept for whoever has the address later.
    """

    at_ms: int
    received_ms: int
    event: str
    is_backfill: bool = False
    is_word: bool = False
    raw: RawPlace | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """The state of such a key.

    Attributes:
        key: the key itself.
        owners: for whom it stands, and since when, in the order of the times.
        waiting: what came before anybody was known, and words, in the order of arrival.
        erased_ms: who was known by it was erased then: of what happened until then only refusals are passed on.
        due_ms: when it is forgotten if nothing more is heard (epoch ms); None: never.
        applied_offset: the last event of the customer log that is in here.
    """

    key: str
    owners: tuple[Owner, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    due_ms: int | None = None
    applied_offset: int = -1
    erased_ms: int | None = None

    @property
    def next_due_ms(self) -> int | None:
        """When it is to be woken, as a customer by a timer."""
        return self.due_ms

    def owner_at(self, at_ms: int) -> str:
        """Whose what happened at a moment is: the last one's until then; before the first of them it is the first's."""
        last = max((owner for owner in self.owners if owner.since_ms <= at_ms), default=self.owners[0], key=_since)
        return last.key

    def owned_by(self, key: str, since_ms: int) -> "Alias":
        """Also standing for this one, from a moment on; whom it stands for at that moment already stays since then."""
        others = [owner for owner in self.owners if owner.key != key]
        since = min((owner.since_ms for owner in self.owners if owner.key == key), default=since_ms)
        if others and max(others, key=_since).since_ms > since:
            since = max(since, since_ms)  # somebody else had it meanwhile
        owners = tuple(sorted((*others, Owner(key, since)), key=_since))
        return replace(self, owners=owners[-MAX_OWNERS:])

    def without(self, key: str) -> "Alias":
        """Not standing for this one any more."""
        return replace(self, owners=tuple(owner for owner in self.owners if owner.key != key))

    def holding(self, event: Waiting) -> "Alias":
        """With one event more that waits; if there are too many the oldest give way, words last."""
        waiting = [*self.waiting, event]
        while len(waiting) > MAX_WAITING or sum(len(each.event) for each in waiting) > MAX_WAITING_BYTES:
            waiting.remove(next((each for each in waiting if not each.is_word), waiting[0]))
        return replace(self, waiting=tuple(waiting))


def _since(owner: Owner) -> tuple[int, str]:
    return owner.since_ms, owner.key


VERSION = 0xA1
_HEAD = struct.Struct(">Bq")
_NEVER = 2**63 - 1


def encode_alias(alias: Alias) -> bytes:
    """The canonical bytes: a version byte and the time to wake, as customers have them, then JSON."""
    due = _NEVER if alias.due_ms is None else alias.due_ms
    rows = [
        alias.key,
        list(map(tuple, alias.owners)),
        list(map(tuple, alias.waiting)),
        alias.applied_offset,
        alias.erased_ms,
    ]
    return _HEAD.pack(VERSION, due) + orjson.dumps(rows)


def decode_alias(raw: bytes) -> Alias:
    """The state of its bytes.

    Raises:
        NewerVersionError: a newer release wrote it.
    """
    key, owners, waiting, applied, erased = orjson.loads(memoryview(raw)[_HEAD.size :])
    known = tuple(Owner(*row) for row in owners)
    return Alias(key, known, tuple(map(_waiting, waiting)), due_of_alias(raw), applied, erased)


def _waiting(row: list[Any]) -> Waiting:
    waiting = Waiting(*row)
    if waiting.raw is None:
        return waiting
    topic, partition, offset = waiting.raw
    return waiting._replace(raw=(topic, partition, offset))


def due_of_alias(raw: bytes) -> int | None:
    """When it is to be woken, without decoding the rest.

    Raises:
        NewerVersionError: as `decode_alias`.
    """
    version, due = _HEAD.unpack_from(raw)
    if version != VERSION:
        raise NewerVersionError("an alias", version, VERSION)
    return None if due == _NEVER else int(due)
