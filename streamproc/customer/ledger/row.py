"""An order's record as it is kept in a state.

The row is its digest, its time, how long after that it was told last (nothing: it has not come), what was told, and a
row for each of its returns, if it has any.
"""

from collections.abc import Sequence
from typing import Any

from streamproc.customer.ledger.record import OrderRecord, Return

Row = Sequence[Any]
"""Any: numbers, a currency, and rows of returns."""

DIGEST, AT, TOLD_AFTER, MICROS, RETURNS = 0, 1, 2, 3, 6


def row_of(record: OrderRecord) -> Row:
    """Most orders are told once, at their own time, and have no returns: then a 0 and nothing stand for that."""
    told_after = None if record.told_ms is None else record.told_ms - record.at_ms
    row = (record.digest, record.at_ms, told_after, record.micros, record.content, record.currency)
    return (*row, list(map(tuple, record.returns))) if record.returns else row


def record_of(row: Row) -> OrderRecord:
    """The record of its row."""
    digest, at_ms, told_after, micros, content, currency, *returns = row
    told_ms = None if told_after is None else at_ms + told_after
    gone_back = tuple([Return(*each) for each in returns[0]]) if returns else ()
    return OrderRecord(digest, at_ms, told_ms, micros, content, currency, gone_back)


def weight(row: Row) -> int:
    """How many rows of a table it takes."""
    return 1 + len(row[RETURNS]) if len(row) > RETURNS else 1
