"""Who is it? Whatever id something comes under, it reaches the customer behind it, once.

A customer who is seen with another id (a visitor's, an order's, a message's, an address, a second customer's) claims
it: `KeyClaimed` goes into the log under that key. From then on the key stands for the customer. What was known under it
moves over (`ProfileMoved`), what waited there and what still comes is passed on, each as a record of the log. Each of
these is one record for one key, so every key is asked in its own partition and nobody waits for anybody.

Two who claim each other pass everything on to each other: whoever gets something that has come by already is the one
that stays, if its key is the least on the way.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace

from streamproc.customer.alias import Alias, Waiting
from streamproc.customer.claims import claimed_keys, with_claim
from streamproc.customer.codec import decode, encode
from streamproc.customer.state import Claim, Customer
from streamproc.decide.policy import IdentitySettings
from streamproc.events.base import RawEvent
from streamproc.events.email import Complained, Unsubscribed
from streamproc.events.log import (
    KeyClaimed,
    KeyReleased,
    LogEntry,
    Moving,
    ProfileMoved,
    RawPlace,
    TimerDue,
    encode_event,
)
from streamproc.events.profile import ConsentChanged, ErasureRequested, Unlinked
from streamproc.events.raw import RAW, Event
from streamproc.events.refusals import is_refusal
from streamproc.events.subject import NAMES_ONLY, Kind
from streamproc.events.times import DAY_MS
from streamproc.events.trusted import trusting
from streamproc.value import value

MAX_HOPS = 16
"""What has come by so many keys stays where it is: there are no such chains, and nothing may go round for ever."""

_WAITING = trusting(RAW)


@dataclass(frozen=True, slots=True)
class Forward:
    """A record for another key.

    Whose, what, when it happened and was received (epoch ms), by which keys, and where its raw message stands.
    """

    key: str
    event: Event | Moving
    at_ms: int
    received_ms: int
    via: tuple[str, ...] = ()
    is_backfill: bool = False
    raw: RawPlace | None = None


@value
class Found:
    """Where an entry belongs.

    Attributes:
        state: what is known under its key now.
        is_own: it is the key's own, and `state` is the customer (or visitor, or guest's order) to go on with.
        forwards: what is passed on.
        left: the profile that has moved away from this key.
    """

    state: Customer | Alias | None
    is_own: bool = False
    forwards: tuple[Forward, ...] = ()
    left: Customer | None = None


def find(state: Customer | Alias | None, entry: LogEntry, settings: IdentitySettings) -> Found:
    """Whose an entry is, by what is known under its key."""
    event = entry.event
    if isinstance(state, Alias):
        state = replace(state, applied_offset=entry.offset)
    if isinstance(event, KeyClaimed):
        return _claimed(state, entry, event, settings)
    if isinstance(event, KeyReleased):
        return _released(state, entry, event)
    if isinstance(state, Alias) and state.owners and not _stays(entry):
        return _passed_on(state, entry, settings)
    if _is_name_only(entry.key):
        return _held(state, entry, settings)
    known = state if isinstance(state, Customer) else None
    return Found(known, is_own=True)


def _stays(entry: LogEntry) -> bool:
    """Whether what goes round has come to who stays."""
    if entry.key not in entry.via:
        return len(entry.via) >= MAX_HOPS
    return entry.key == min(entry.via[entry.via.index(entry.key) :])


def _passed_on(state: Alias, entry: LogEntry, settings: IdentitySettings) -> Found:
    """To whom the key stood for at that moment."""
    owners = _concerned(state, entry.event, entry.at_ms)
    waiting = _waiting(entry)
    if waiting.is_word:
        state = state.holding(waiting)
    kept = replace(state, due_ms=None if Kind.CUSTOMER.has(entry.key) else _due(entry, settings.alias_days))
    if state.erased_ms is not None and entry.at_ms <= state.erased_ms and not is_refusal(entry.event):
        return Found(kept)
    return Found(kept, forwards=tuple(_on(entry, owner) for owner in owners))


def _held(state: Customer | Alias | None, entry: LogEntry, settings: IdentitySettings) -> Found:
    """It waits for its customer; a word about messages as long as an address stands for somebody."""
    event = entry.event
    if isinstance(event, TimerDue | KeyClaimed | KeyReleased | ProfileMoved):
        return Found(state)
    known = state if isinstance(state, Alias) else Alias(entry.key)
    waiting = _waiting(entry)
    due_ms = _due(entry, settings.alias_days if waiting.is_word else settings.waiting_days)
    due_ms = max(due_ms, known.due_ms or due_ms)
    return Found(replace(known.holding(waiting), due_ms=due_ms, applied_offset=entry.offset))


def _claimed(state: Customer | Alias | None, entry: LogEntry, event: KeyClaimed, settings: IdentitySettings) -> Found:
    if event.owner == entry.key or (isinstance(state, Customer) and state.is_shared):
        return Found(state)
    if isinstance(state, Alias) and state.owners and Kind.CUSTOMER.has(entry.key):
        return _same_person(state, entry, event)
    alias = state if isinstance(state, Alias) else Alias(entry.key, applied_offset=entry.offset)
    is_new = all(owner.key != event.owner for owner in alias.owners)
    alias = alias.owned_by(event.owner, entry.at_ms)
    if Kind.VISITOR.has(entry.key) and len(alias.owners) > settings.customers_per_device:
        shared = Customer(entry.key, entry.at_ms, entry.at_ms, applied_offset=entry.offset, is_shared=True)
        return Found(shared)
    due = None if Kind.CUSTOMER.has(entry.key) else _due(entry, settings.alias_days)
    forwards = tuple(_waited(alias, event.owner) if is_new else ())
    alias = replace(alias, due_ms=due, waiting=tuple(each for each in alias.waiting if each.is_word))
    if not isinstance(state, Customer):
        return Found(alias, forwards=forwards)
    alias = replace(alias, erased_ms=state.erased_ms)
    moved = ProfileMoved.model_construct(moved=entry.key, state=b64encode(encode(state)).decode())
    return Found(alias, forwards=(_tell(event.owner, moved, entry),), left=state)


def _same_person(state: Alias, entry: LogEntry, event: KeyClaimed) -> Found:
    """A customer who was merged into another one is merged into a third: all of them are one."""
    owner = state.owners[-1].key
    if owner == event.owner or _stays(entry):
        return Found(state)
    return Found(state, forwards=(_on(entry, owner),))


def _waited(alias: Alias, owner: str) -> Iterator[Forward]:
    """What waited goes to who has come; of an address each who comes hears what was said under it."""
    for each in alias.waiting:
        event: Event = _WAITING.validate_json(each.event)
        yield Forward(owner, event, each.at_ms, each.received_ms, (alias.key,), each.is_backfill, each.raw)


def _waiting(entry: LogEntry) -> Waiting:
    event = entry.event
    if isinstance(event, TimerDue):
        raise TypeError("a timer does not wait")
    is_word = Kind.ADDRESS.has(entry.key) and isinstance(event, ConsentChanged | Unsubscribed | Complained)
    return Waiting(entry.at_ms, _received(entry), encode_event(event).decode(), entry.is_backfill, is_word, entry.raw)


def _concerned(alias: Alias, event: object, at_ms: int) -> list[str]:
    """Whose an event under a key is; what is said under an address of messages concerns all who have it."""
    if Kind.ADDRESS.has(alias.key) and (isinstance(event, ConsentChanged) or is_refusal(event)):
        return [owner.key for owner in alias.owners]
    return [alias.owner_at(at_ms)]


def _released(state: Customer | Alias | None, entry: LogEntry, event: KeyReleased) -> Found:
    """The key is nobody's, or somebody else's; what comes under it afterwards is a new visitor's."""
    if not isinstance(state, Alias):
        return Found(state)
    left = state.without(event.owner)
    if left.owners:
        return Found(left)
    if event.erased and Kind.VISITOR.has(entry.key):
        return Found(Customer(entry.key, entry.at_ms, entry.at_ms, applied_offset=entry.offset, erased_ms=entry.at_ms))
    return Found(None)


def claim(before: Customer | None, customer: Customer, entry: LogEntry) -> Iterator[Forward]:
    """What an event shows of who else the customer is: keys to be claimed or given up, which the state remembers.

    Args:
        before: as known before the event.
        customer: after it; claims are put into it.
        entry: the event.
    """
    event, at_ms = entry.event, entry.at_ms
    if customer.is_guest or not isinstance(event, RawEvent):
        return
    if isinstance(event, ErasureRequested):
        claims = before.claims if before else {}
        for key in (key for key, known in claims.items() if known.holds):
            yield _tell(key, KeyReleased.model_construct(owner=customer.key, erased=True), entry)
        return
    keys = list(claimed_keys(before, customer, event, at_ms))
    for key in keys:
        with_claim(customer, key, Claim(at_ms, holds=True))
        yield _tell(key, KeyClaimed.model_construct(owner=customer.key), entry)
    if isinstance(event, Unlinked) and event.anonymous_id:
        yield from _given_up(customer, Kind.VISITOR.key(event.anonymous_id), entry)


def _given_up(customer: Customer, key: str, entry: LogEntry) -> Iterator[Forward]:
    known = customer.claims.get(key)
    if known is None or known.at_ms <= entry.at_ms:
        with_claim(customer, key, Claim(entry.at_ms, holds=False))
        yield _tell(key, KeyReleased.model_construct(owner=customer.key), entry)


def moved_profile(event: ProfileMoved) -> Customer:
    """The state that has moved.

    Raises:
        NewerVersionError: a newer release wrote it.
    """
    return decode(b64decode(event.state))


def _on(entry: LogEntry, key: str) -> Forward:
    """The entry, for another key."""
    event = entry.event
    if isinstance(event, TimerDue):
        raise TypeError("a timer is nobody else's")
    return Forward(key, event, entry.at_ms, _received(entry), (*entry.via, entry.key), entry.is_backfill, entry.raw)


def _tell(key: str, event: Moving, entry: LogEntry) -> Forward:
    return Forward(key, event, entry.at_ms, _received(entry), (entry.key,), raw=entry.raw)


def _received(entry: LogEntry) -> int:
    return entry.at_ms if entry.received_ms is None else entry.received_ms


def _due(entry: LogEntry, days: int) -> int:
    """Counted from when it was heard of: an old event is not forgotten at once."""
    return max(entry.at_ms, _received(entry)) + days * DAY_MS


def _is_name_only(key: str) -> bool:
    return any(kind.has(key) for kind in NAMES_ONLY)
