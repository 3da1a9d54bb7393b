"""What an order's record comes to: money that came in and went back, each with its day.

The movements are a pure function of the record. What an event changes is the difference between the movements before it
and after it: some are taken back, others are told. So sums are those of the records, however often they were corrected.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from streamproc.customer import difference as differing
from streamproc.customer.difference import Difference
from streamproc.customer.ledger.record import FORGOTTEN, NO_RATE, REST, OrderRecord, Return


class Movement(NamedTuple):
    """An order that was placed, or a part of it that went back.

    Attributes:
        micros: how much, in the shop's money, never negative; None: its currency has no rate.
        currency: in which it was told.
    """

    kind: Literal["ordered", "refunded", "cancelled"]
    at_ms: int
    micros: int | None
    currency: str


def difference(before: OrderRecord | None, after: OrderRecord) -> Difference[Movement]:
    """From the movements of a record to those of the next."""
    return differing.difference(() if before is None else movements(before), movements(after))


def movements(record: OrderRecord) -> tuple[Movement, ...]:
    """The order, if it counts, and its returns in the order of their times."""
    ordered = Movement("ordered", record.at_ms, _known(record.micros), record.currency)
    return (*((ordered,) if record.counts else ()), *_returned(record))


def _returned(record: OrderRecord) -> Iterator[Movement]:
    """Returned is max(what was cancelled, all refunds); each return moves what it adds to that in its turn."""
    refunds, cancellations = _Refunds(record), _Cancellations(record)
    returned = 0
    for each in record.returns:
        if each.micros == FORGOTTEN:
            continue
        if NO_RATE in (each.micros, record.micros if each.micros == REST else 0):
            yield Movement(each.kind, each.at_ms, None, each.currency or record.currency)
            continue
        (refunds if each.kind == "refunded" else cancellations).add(each)
        now = max(returned, refunds.micros, cancellations.micros)
        yield Movement(each.kind, each.at_ms, now - returned, each.currency or record.currency)
        returned = now


class _Refunds:
    """All refunds until now: as told, and the one of the rest is what no other refund of the order says."""

    def __init__(self, record: OrderRecord) -> None:
        said = sum(each.micros for each in record.returns if each.kind == "refunded" and each.micros > 0)
        self._rest = max(0, record.micros - said)
        self.micros = 0

    def add(self, each: Return) -> None:
        if each.micros == REST:
            self.micros, self._rest = self.micros + self._rest, 0
        else:
            self.micros += each.micros


class _Cancellations:
    """What was cancelled until now: the parts, or all; not more than there was, unless one alone says so."""

    def __init__(self, record: OrderRecord) -> None:
        self._most = record.micros if record.told_ms is not None and record.micros != NO_RATE else None
        self._parts = self._largest = 0
        self.micros = 0

    def add(self, each: Return) -> None:
        if each.micros == REST:
            self._parts = max(self._parts, self._most or 0)
        else:
            self._parts += each.micros
            self._largest = max(self._largest, each.micros)
        parts = self._parts if self._most is None else min(self._parts, self._most)
        self.micros = max(parts, self._largest)


def _known(micros: int) -> int | None:
    return None if micros == NO_RATE else micros
