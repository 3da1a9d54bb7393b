"""How an event changes what is known of a customer: one function per kind of event, found by the event's class.

A fold function gets a copy of the state that it may assign to; it replaces containers and never changes them.
Late events fold like others wherever the result does not depend on the order.
"""

from collections.abc import Callable
from typing import TypeVar

from streamproc.customer.declared.counting import NONE_DECLARED, DeclaredFeatures
from streamproc.customer.ledger.record import order_digest
from streamproc.customer.ledger.table import find
from streamproc.customer.ledger.telling import is_correction, told
from streamproc.customer.recent_ids import MAX_IDS, Seen, remembering, seen
from streamproc.customer.state import Customer
from streamproc.events.base import RawEvent
from streamproc.events.calendar import UTC_ZONE, on_the_wall
from streamproc.events.clickstream import BrowsingEvent
from streamproc.events.log import LogEntry
from streamproc.events.purchase import PurchaseEvent
from streamproc.events.raw import FAMILY_OF
from streamproc.events.times import DAY_MS

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


def seen_before(customer: Customer | None, entry: LogEntry) -> Seen:
    """Whether what happened is passed over: applied before (a producer's retry has another offset), or nobody's."""
    event = entry.event
    if isinstance(event, BrowsingEvent) and event.is_machine:
        return Seen.MACHINE
    if customer is None or not isinstance(event, RawEvent):
        return Seen.NEW
    if customer.erased_ms is not None and entry.at_ms <= customer.erased_ms:
        return Seen.ERASED
    if isinstance(event, PurchaseEvent):
        record = find(customer.ledger, order_digest(event.order_id))
        return Seen.REPEATED if record and told(record, event, entry.at_ms) == record else Seen.NEW
    return seen(customer.recent_ids.get(FAMILY_OF[type(event)], ()), event)


def remember(customer: Customer, event: RawEvent) -> None:
    """So that a repeat is known; orders and returns are in the ledger."""
    family = FAMILY_OF[type(event)]
    if family in MAX_IDS:
        day = customer.last_seen_ms // DAY_MS
        known = remembering(customer.recent_ids.get(family, ()), event, day, MAX_IDS[family])
        customer.recent_ids = {**customer.recent_ids, family: known}


def refused_conflict(customer: Customer, event: RawEvent) -> Customer:
    """Nothing of an event that conflicts with another one counts, but that it was told: each is told of once."""
    after = customer.copy()
    remember(after, event)
    return after


def fold(
    customer: Customer | None, entry: LogEntry, declared: DeclaredFeatures = NONE_DECLARED, zone: str = UTC_ZONE
) -> Customer:
    """The customer after this entry, with what the declared features count, by the days of a time zone.

    A timer changes nothing by itself.
    """
    event, at_ms = entry.event, entry.at_ms
    after = Customer(entry.key, at_ms, at_ms) if customer is None else customer.copy()
    if not isinstance(event, RawEvent):
        return after
    after.applied_offset, after.zone = entry.offset, zone
    after.first_seen_ms = min(after.first_seen_ms, at_ms)
    after.last_seen_ms = max(after.last_seen_ms, at_ms)
    after.is_identified = after.is_identified or event.customer_id is not None
    is_news = not (isinstance(event, PurchaseEvent) and is_correction(after.ledger, event))
    declared.count(after, event, on_the_wall(at_ms, zone), is_news=is_news)
    remember(after, event)
    function = _FOLDS.get(type(event))
    if function is not None:
        function(after, event, at_ms)
    return after


def handled() -> frozenset[type]:
    """The event classes that have a fold."""
    return frozenset(_FOLDS)
