"""How an event changes what is known of a customer: one function per kind of event, found by the event's class.

A fold function gets a copy of the state that it may assign to; it replaces containers and never changes them.
Late events fold like others wherever the result does not depend on the order.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

from streamproc.customer.declared.counting import NONE_DECLARED, DeclaredFeatures
from streamproc.customer.state import MAX_RECENT_IDS, Customer
from streamproc.events.base import RawEvent
from streamproc.events.log import Entry
from streamproc.events.raw import FAMILY_OF

E = TypeVar("E", bound=RawEvent)
Fold = Callable[[Customer, E, int], None]

_FOLDS: dict[type, Fold] = {}  # type: ignore[type-arg]  # each function is registered for its own event class


def folds(*events: type[E]) -> Callable[[Fold[E]], Fold[E]]:
    """Register a function as the fold of these event classes.

    Raises:
        ValueError: one of them has a fold already.
    """

    def register(function: Fold[E]) -> Fold[E]:
        for event in events:
            if event in _FOLDS:
                raise ValueError(f"{event.__name__} is folded twice")
            _FOLDS[event] = function
        return function

    return register


@lru_cache(maxsize=1)  # asked for twice: whether the event is a repeat, and when it is remembered
def event_digest(event_id: str) -> int:
    """48 bits of an event id, as it is remembered."""
    return int.from_bytes(blake2b(event_id.encode(), digest_size=6).digest())


def is_repeated(customer: Customer | None, entry: Entry) -> bool:
    """Whether this event was applied before: a producer's retry has another offset and the same `event_id`."""
    event = entry.event
    if customer is None or not isinstance(event, RawEvent):
        return False
    return event_digest(event.event_id) in customer.recent_ids.get(FAMILY_OF[type(event)], ())


def remember_id(customer: Customer, event: RawEvent) -> None:
    """So that a repeat is known, as long as its family has no more than `MAX_RECENT_IDS` events after it."""
    family = FAMILY_OF[type(event)]
    known = customer.recent_ids.get(family, ())
    customer.recent_ids = {
        **customer.recent_ids,
        family: (*known[1 - MAX_RECENT_IDS[family] :], event_digest(event.event_id)),
    }


def fold(customer: Customer | None, entry: Entry, declared: DeclaredFeatures = NONE_DECLARED) -> Customer:
    """The customer after this entry, with what the declared features count; a timer changes nothing by itself."""
    event, at_ms = entry.event, entry.at_ms
    after = Customer(entry.key, at_ms, at_ms) if customer is None else customer.copy()
    if not isinstance(event, RawEvent):
        return after
    after.applied_offset = entry.offset
    remember_id(after, event)
    after.first_seen_ms = min(after.first_seen_ms, at_ms)
    after.last_seen_ms = max(after.last_seen_ms, at_ms)
    after.is_identified = after.is_identified or event.customer_id is not None
    declared.count(after, event, at_ms)
    function = _FOLDS.get(type(event))
    if function is not None:
        function(after, event, at_ms)
    return after


def handled() -> frozenset[type]:
    """The event classes that have a fold."""
    return frozenset(_FOLDS)
