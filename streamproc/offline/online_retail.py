"""Real purchases: the data set Online Retail (`data/README.md`) as a dump of `shop.purchase.v1`.

One invoice is one event, and every row of the file is a line of exactly one event, so that sums over the events are
sums over the rows, to the last micro. The file's times have no zone; they are read as UTC.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from io import TextIOWrapper
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypedDict

from pydantic import ValidationError

from streamproc.events.log import encode_event
from streamproc.events.purchase import OrderCancelled, OrderLine, OrderPlaced, OrderRefunded
from streamproc.events.raw import PurchaseEvents
from streamproc.events.times import epoch_ms
from streamproc.offline.dump import PROGRESS_EVERY, DumpedRecord, OnProgress, write_dump
from streamproc.offline.gzipped import CUT_OFF, open_to_read

TOPIC = "shop.purchase.v1"
SOURCE = "online-retail"
CURRENCY = "GBP"
COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]

_MICROS = 1_000_000
_CANCELLATION = "C"


class OnlineRetailError(ValueError):
    """The file is not Online Retail as it was published: says where and what to do."""


@dataclass(slots=True)
class ImportCounts:
    """What an import wrote: rows of the file, and events by type."""

    rows: int = 0
    orders: int = 0
    cancellations: int = 0
    refunds: int = 0

    @property
    def events(self) -> int:
        """All events, one per invoice."""
        return self.orders + self.cancellations + self.refunds


class _Row(NamedTuple):
    invoice: str
    sku: str
    quantity: int
    at: datetime
    price: int
    customer: str | None

    @property
    def gives_back(self) -> bool:
        return self.quantity < 0 or self.price < 0


class _Common(TypedDict):
    event_id: str
    occurred_at: datetime
    customer_id: str | None
    source: str
    order_id: str
    currency: str


def import_online_retail(
    csv_path: Path,
    out_path: Path,
    on_progress: OnProgress,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
) -> ImportCounts:
    """Write the invoices of `first_day` to `last_day` (both included; None: all) as a dump, in time order.

    An ordinary invoice becomes `order_placed`, a `C…` invoice `order_cancelled` with the amount given back, and any
    other invoice with negative rows (stock adjustments at price 0, bad debt) `order_refunded`. `on_progress` counts
    rows.

    Raises:
        OnlineRetailError: the file is not as expected, with its line and the remedy.
    """
    counts = ImportCounts()
    rows = _of_days(_read(csv_path), first_day or date.min, last_day or date.max)
    records = (_record(invoice, counts) for invoice in _invoices(_counted(rows, counts, on_progress)))
    try:
        write_dump(out_path, records)
    except OnlineRetailError as error:
        raise OnlineRetailError(f"{csv_path}: {error}; restore the file as published (data/README.md)") from error
    on_progress(counts.rows)
    return counts


def _read(path: Path) -> Iterator[_Row]:
    with open_to_read(path) as raw, TextIOWrapper(raw, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        try:
            yield from _rows(lines)
        except (ValueError, InvalidOperation, csv.Error, *CUT_OFF) as error:
            raise OnlineRetailError(f"line {lines.line_num}: {error}") from error


def _rows(lines: Iterator[list[str]]) -> Iterator[_Row]:
    if next(lines, None) != COLUMNS:
        raise ValueError(f"the columns are not {','.join(COLUMNS)}")
    before = _utc("1970-01-01 00:00:00")
    for row in map(_row, lines):
        if row.at < before:
            raise ValueError("the rows are not sorted by InvoiceDate")
        before = row.at
        yield row


def _row(line: list[str]) -> _Row:
    invoice, sku, _description, quantity, at, price, customer, _country = line
    return _Row(invoice, sku, int(quantity), _utc(at), _micros(price), customer.removesuffix(".0") or None)


@lru_cache(maxsize=64)
def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def _micros(text: str) -> int:
    micros = Decimal(text) * _MICROS
    if micros != micros.to_integral_value():
        raise ValueError(f"the price {text} is no whole number of micros")
    return int(micros)


def _of_days(rows: Iterable[_Row], first: date, last: date) -> Iterator[_Row]:
    for row in rows:
        if row.at.date() > last:
            return
        if row.at.date() >= first:
            yield row


def _counted(rows: Iterable[_Row], counts: ImportCounts, on_progress: OnProgress) -> Iterator[_Row]:
    for row in rows:
        counts.rows += 1
        if counts.rows % PROGRESS_EVERY == 0:
            on_progress(counts.rows)
        yield row


def _invoices(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """The rows of each invoice, ordered by its first row; an invoice's rows may stand apart, but on one day."""
    finished: set[str] = set()
    for day, rows_of_day in groupby(rows, key=lambda row: row.at.date()):
        invoices: dict[str, list[_Row]] = {}
        for row in rows_of_day:
            invoices.setdefault(row.invoice, []).append(row)
        if split := finished & invoices.keys():
            raise OnlineRetailError(f"invoices {sorted(split)} go on on {day}, so daily sums would not be exact")
        finished |= invoices.keys()
        yield from invoices.values()


def _record(invoice: list[_Row], counts: ImportCounts) -> DumpedRecord:
    first = invoice[0]
    if len({(row.customer, row.gives_back) for row in invoice}) > 1:
        raise OnlineRetailError(f"invoice {first.invoice} mixes customers, or what is bought with what is given back")
    if first.invoice.startswith(_CANCELLATION) and not first.gives_back:
        raise OnlineRetailError(f"cancellation {first.invoice} gives nothing back")
    try:
        event = _event(invoice)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        raise OnlineRetailError(f"invoice {first.invoice}: {wrong['loc']}: {wrong['msg']}") from error
    match event:
        case OrderPlaced():
            counts.orders += 1
        case OrderCancelled():
            counts.cancellations += 1
        case OrderRefunded():
            counts.refunds += 1
    key = first.customer or first.invoice
    return DumpedRecord(TOPIC, key.encode(), epoch_ms(event.occurred_at), encode_event(event))


def _event(invoice: list[_Row]) -> PurchaseEvents:
    first = invoice[0]
    lines = tuple(OrderLine(sku=row.sku, quantity=abs(row.quantity), unit_price=abs(row.price)) for row in invoice)
    common = _Common(
        event_id=f"{SOURCE}-{first.invoice}",
        occurred_at=first.at,
        customer_id=first.customer,
        source=SOURCE,
        order_id=first.invoice,
        currency=CURRENCY,
    )
    if not first.gives_back:
        return OrderPlaced(lines=lines, **common)
    amount = sum(line.amount for line in lines)
    if first.invoice.startswith(_CANCELLATION):
        return OrderCancelled(lines=lines, amount=amount, **common)
    return OrderRefunded(lines=lines, amount=amount, **common)
