"""The records of a customer's newest orders, bounded, in the order of their times."""

from streamproc.customer.ledger.record import OrderRecord

MAX_ORDERS = 200
MAX_ROWS = 400
"""Orders and returns together."""

Ledger = tuple[OrderRecord, ...]


def find(ledger: Ledger, digest: int) -> OrderRecord | None:
    """The record of an order; the newest are looked at first."""
    return next((record for record in reversed(ledger) if record.digest == digest), None)


def with_record(ledger: Ledger, record: OrderRecord) -> Ledger:
    """The ledger with a record put in or replaced; the oldest orders give way if there are too many."""
    others = [known for known in ledger if known.digest != record.digest]
    if not others or (others[-1].at_ms, others[-1].digest) < (record.at_ms, record.digest):
        others.append(record)
    else:
        others = sorted((*others, record), key=lambda each: (each.at_ms, each.digest))
    rows = sum(1 + len(each.returns) for each in others)
    first = max(0, len(others) - MAX_ORDERS)
    rows -= sum(1 + len(each.returns) for each in others[:first])
    while rows > MAX_ROWS:
        rows -= 1 + len(others[first].returns)
        first += 1
    return tuple(others[first:])
