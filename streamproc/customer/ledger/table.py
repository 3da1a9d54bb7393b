"""The records of a customer's newest orders, bounded, in the order of their times.

Few events are of an order, each of one. So the records stay in the rows in which they are encoded, and one is read when
somebody looks for it.
"""

from collections.abc import Sequence

from streamproc.customer.ledger.record import OrderRecord
from streamproc.customer.ledger.row import AT, DIGEST, MICROS, TOLD_AFTER, Row, record_of, row_of, weight
from streamproc.customer.section import Section

MAX_ORDERS = 200
MAX_ROWS = 400
"""Orders and returns together."""


class Ledger(Section[OrderRecord]):
    """Records of orders, each once."""

    __slots__ = ()

    @property
    def order_times(self) -> list[int]:
        """When the orders that count were placed (epoch ms), as `OrderRecord.counts` says."""
        return [row[AT] for row in self.rows if row[MICROS] and row[TOLD_AFTER] is not None]

    @staticmethod
    def _rows_of(records: tuple[OrderRecord, ...]) -> Sequence[Row]:
        return list(map(row_of, records))

    @staticmethod
    def _records_of(rows: Sequence[Row]) -> tuple[OrderRecord, ...]:
        return tuple(map(record_of, rows))


NO_ORDERS = Ledger()


def find(ledger: Ledger, digest: int) -> OrderRecord | None:
    """The record of an order; the newest are looked at first."""
    for row in reversed(ledger.rows):
        if row[DIGEST] == digest:
            return record_of(row)
    return None


def with_record(ledger: Ledger, record: OrderRecord) -> Ledger:
    """The ledger with a record put in or replaced; the oldest orders give way if there are too many."""
    row, rows = row_of(record), [known for known in ledger.rows if known[DIGEST] != record.digest]
    is_newest = not rows or _place(rows[-1]) < _place(row)
    rows = [*rows, row] if is_newest else sorted([*rows, row], key=_place)
    first = max(0, len(rows) - MAX_ORDERS)
    weighs = sum(map(weight, rows[first:]))
    while weighs > MAX_ROWS:
        weighs -= weight(rows[first])
        first += 1
    return Ledger(rows[first:])


def _place(row: Row) -> tuple[int, int]:
    return row[AT], row[DIGEST]
