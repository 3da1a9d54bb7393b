"""What a telling of an order, a refund or a cancellation makes of the order's record.

The record is a function of the set of tellings: any order of arrival and any repetition of them gives the same one. Of
several tellings of one thing the newest counts (by event time, then by content), and the day is that of the first.
"""

from streamproc.customer.ledger.record import CONTENT_BYTES, NO_RATE, REST, OrderRecord, Return, order_digest
from streamproc.customer.ledger.table import Ledger, find
from streamproc.events.identifiers import digest_of
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded, PurchaseEvent

MAX_RETURNS = 32
"""So many returns of one order are told apart; of more the two oldest count as one."""

_CANCELLED = {"currency", "amount", "lines"}


def told(record: OrderRecord | None, event: PurchaseEvent, at_ms: int) -> OrderRecord:
    """The record of the event's order after the event; the same if it says nothing new."""
    match event:
        case OrderPlaced():
            return _placed(record, event, at_ms)
        case OrderRefunded():
            micros = _micros(event, event.given_back)
            given = Return("refunded", _refund_digest(event), at_ms, at_ms, micros, event.currency or "")
        case OrderCancelled():
            micros = _micros(event, event.amount)
            given = Return("cancelled", _cancellation_digest(event), at_ms, at_ms, micros, event.currency or "")
        case _:
            raise TypeError(f"{event.type} is no event of an order")  # type: ignore[attr-defined]
    known = record or OrderRecord(order_digest(event.order_id), at_ms)
    returns = _with_return(known.returns, given)
    at = known.at_ms if known.told_ms is not None else min(each.at_ms for each in returns)
    return known._replace(at_ms=at, returns=returns)


def joined(record: OrderRecord, other: OrderRecord) -> OrderRecord:
    """The record of an order of which two were told."""
    newest = max(record, other, key=lambda each: (-1 if each.told_ms is None else each.told_ms, each.content))
    returns: tuple[Return, ...] = ()
    for given in sorted((*record.returns, *other.returns)):
        returns = _with_return(returns, given)
    placed = [each.at_ms for each in (record, other) if each.told_ms is not None]
    return newest._replace(at_ms=min(placed or [each.at_ms for each in returns]), returns=returns)


def is_correction(ledger: Ledger, event: PurchaseEvent) -> bool:
    """Whether this order, refund or cancellation was told before, so that the event is no occasion for anything."""
    record = find(ledger, order_digest(event.order_id))
    match event:
        case OrderRefunded():
            digest = _refund_digest(event)
        case OrderCancelled():
            digest = _cancellation_digest(event)
        case _:
            return record is not None and record.told_ms is not None
    return record is not None and any(each.digest == digest for each in record.returns)


def content_of(event: OrderPlaced) -> int:
    """A digest of what an order says; of two tellings of one time the greater counts."""
    return digest_of(event.said, CONTENT_BYTES)


def _placed(record: OrderRecord | None, event: OrderPlaced, at_ms: int) -> OrderRecord:
    content = content_of(event)
    known = record or OrderRecord(order_digest(event.order_id), at_ms)
    first = at_ms if known.told_ms is None else min(at_ms, known.at_ms)
    if known.told_ms is not None and (at_ms, content) <= (known.told_ms, known.content):
        return known._replace(at_ms=first)
    micros = _micros(event, event.amount)
    return known._replace(at_ms=first, told_ms=at_ms, micros=micros, content=content, currency=event.currency)


def _with_return(returns: tuple[Return, ...], given: Return) -> tuple[Return, ...]:
    """The returns with one more, or with one that was told again, in the order of their times."""
    known = next((each for each in returns if each.digest == given.digest), None)
    others = tuple(each for each in returns if each is not known)
    if known is not None:
        newest = max(known, given, key=lambda each: (each.told_ms, each.micros, each.currency))
        given = newest._replace(at_ms=min(known.at_ms, given.at_ms))
    elif len(others) >= MAX_RETURNS:
        others = _joined(others)
    return tuple(sorted((*others, given), key=lambda each: (each.at_ms, each.kind, each.digest)))


def _joined(returns: tuple[Return, ...]) -> tuple[Return, ...]:
    """Room for one more: the money of the oldest is added to that of the next, as far as it is known."""
    oldest, following, *others = returns
    micros = following.micros
    if oldest.micros > 0:
        micros = max(following.micros, 0) + oldest.micros
    return (following._replace(micros=micros), *others)


def _refund_digest(event: OrderRefunded) -> int:
    return digest_of(f"refund {event.refund_id or event.event_id}".encode())


def _cancellation_digest(event: OrderCancelled) -> int:
    """One that says the same of the same order is the same, whoever says it and when."""
    said = event.__pydantic_serializer__.to_json(event, include=_CANCELLED, exclude_none=True)
    return digest_of(said, CONTENT_BYTES)


def _micros(event: PurchaseEvent, amount: int | None) -> int:
    """An amount in the shop's money; None: the rest."""
    if amount is None:
        return REST
    micros = event.in_shop_money(amount)
    return NO_RATE if micros is None else micros
