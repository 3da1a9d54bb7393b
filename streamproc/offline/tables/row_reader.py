"""What one row says by itself, as the mapping reads it: left out, an event or a part of one, or wrong and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from streamproc.events.identifiers import identifies_nobody
from streamproc.events.money import MICROS
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.cells import REMEMBERED, Cell, Header, Reader, Row, plain
from streamproc.offline.tables.conditions import ColumnCondition
from streamproc.offline.tables.contract import LINE_PARTS, Kind, fields_of, has_lines, is_of_an_order
from streamproc.offline.tables.mapping import Cells
from streamproc.offline.tables.mapping import Mapping as TableMapping
from streamproc.offline.tables.rows import TableRow
from streamproc.offline.tables.values import Reading

MakeReader = Callable[[Cell, Kind], Reader]


@dataclass(frozen=True, slots=True)
class Said:
    """What one row says: by which `[[event]]`, when, the event's fields, and its line of an order, if it has one."""

    rule: int
    at: datetime
    fields: dict[str, Any]
    line: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row is no event on purpose; `whole_order` as in the mapping."""

    reason: str
    whole_order: bool | None = False


Meaning = Said | LeftOut | BadRowError
"""What a row means; a mistake is a meaning, too: it is kept with the row and never raised further."""


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, mapping: TableMapping, columns: Sequence[str]) -> None:
        header = {name: place for place, name in enumerate(columns)}
        form, time = mapping.file, mapping.time
        reading = Reading(form.decimal, form.thousands, time.format, time.zone)
        self._time = [header[column] for column in time.places]
        self._moment = lru_cache(maxsize=REMEMBERED)(reading.time)
        self._leave_out = [
            (LeftOut(rule.reason, rule.whole_order), _Tests(f"leave_out.{number}", rule.when, reading, header))
            for number, rule in enumerate(mapping.leave_out)
        ]
        self._rules = [_Rule(mapping, number, reading, header) for number in range(len(mapping.event))]
        shop = mapping.shop
        self._shop = None if shop is None else _Fields("shop", {"shop": shop}, {"shop": "id"}, header, reading)
        self._ties = [(cell.text_reader(header), lru_cache(REMEMBERED)(_somebody(cell))) for cell in mapping.tying]
        self._shop_text = None if shop is None else shop.text_reader(header)
        self._mapped = [header[name] for name in sorted(mapping.columns)]
        self._filled = [header[name] for name in mapping.file.fill_down]
        self._of_orders = {name: header[name] for name in mapping.order_columns}

    def tie_of(self, row: Row) -> str:
        """What ties the row to the others of its order, as far as the row goes; empty: nothing does."""
        for text, mended in self._ties:
            if tie := mended(text(row)):
                tie = f"{self._shop_text(row)}\n{tie}" if self._shop_text else tie
                return tie.encode(errors="backslashreplace").decode()
        return ""

    def content_of(self, row: Row) -> tuple[str, ...]:
        """What stands in the columns that the mapping names: two rows of which it is equal say the same."""
        return tuple(plain(row[place]) if place < len(row) else "" for place in self._mapped)

    def id_of(self, row: Row) -> str:
        """A hash of the row's content."""
        content = "\x1f".join(self.content_of(row)).encode(errors="surrogatepass")
        return blake2b(content, digest_size=10).hexdigest()

    def filled(self, rows: Sequence[TableRow]) -> Sequence[Row]:
        """The cells of an order's rows, with what stands on its first row only in the others, too."""
        if not self._filled:
            return [row.cells for row in rows]
        last, filled = dict.fromkeys(self._filled, ""), []
        for row in rows:
            cells = [*row.cells]
            for place in self._filled if row.wrong is None else ():
                last[place] = cells[place] = cells[place] if plain(cells[place]) else last[place]
            filled.append(cells)
        return filled

    def emptied(self, first: Row, other: Row) -> str | None:
        """A column that decides about the order's rows, says something on the first one and nothing on the other."""
        return next((name for name, at in self._of_orders.items() if plain(first[at]) and not plain(other[at])), None)

    def meaning(self, row: TableRow, cells: Row) -> Meaning:
        """What a row says; `cells` are its own, filled."""
        if row.wrong is not None:
            return BadRowError("file", row.wrong)
        return self._read(cells)

    def _read(self, row: Row) -> Meaning:
        try:
            for left_out, tests in self._leave_out:
                if tests.hold(row):
                    return left_out
            for rule in self._rules:
                if rule.tests.hold(row):
                    return self._said(row, rule)
        except BadRowError as error:
            return error
        return BadRowError("event", "no [[event]] fits this row")

    def _said(self, row: Row, rule: "_Rule") -> Said:
        fields = rule.fields.read(row)
        if rule.is_of_an_order:
            self._name_order(row, fields)
        if rule.traits:
            fields["traits"] = rule.traits.read(row)
        return Said(rule.number, self._time_of(row), fields, _priced(rule.lines.read(row)) if rule.lines else None)

    def _name_order(self, row: Row, fields: dict[str, Any]) -> None:
        if "order_id" not in fields:
            raise BadRowError("fields.order_id", "empty, or a word for nothing")
        if self._shop is not None:
            shop = self._shop.read(row).get("shop")
            if shop is None:
                raise BadRowError("shop", "empty, or a word for nothing")
            fields["order_id"] = f"{shop}-{fields['order_id']}"

    def _time_of(self, row: Row) -> datetime:
        try:
            return self._moment(" ".join([plain(row[place]) for place in self._time]))
        except (ValueError, OverflowError, OSError) as error:
            raise BadRowError("time", str(error)) from error


def _somebody(cell: Cell) -> Callable[[str], str]:
    """The text as it is meant; empty if it identifies nobody."""

    def mended(text: str) -> str:
        text = cell.mended(text)
        return "" if identifies_nobody(text) else text

    return mended


class _Tests:
    """Conditions that must all hold."""

    def __init__(self, place: str, conditions: Iterable[ColumnCondition], reading: Reading, header: Header) -> None:
        self._place = place
        self._tests = [(condition.column, condition.test(reading, header)) for condition in conditions]

    def hold(self, row: Row) -> bool:
        for column, test in self._tests:
            try:
                if not test(row):
                    return False
            except ValueError as error:
                raise BadRowError(self._place, f"{column}: {error}") from error
        return True


class _Fields:
    """Some cells of a row by their names."""

    def __init__(self, table: str, cells: Cells, kinds: Mapping[str, Kind], header: Header, reading: Reading) -> None:
        self._table = table
        self._readers = [(name, cell.reader(kinds[name], reading, header)) for name, cell in cells.items()]

    def read(self, row: Row) -> dict[str, Any]:
        found = {}
        name = ""
        try:
            for name, reader in self._readers:
                value = reader(row)
                if value is not None:
                    found[name] = value
        except (ValueError, OverflowError, OSError) as error:
            raise BadRowError(f"{self._table}.{name}", str(error)) from error
        return found


class _Rule:
    """One `[[event]]`, ready to read rows."""

    def __init__(self, mapping: TableMapping, number: int, reading: Reading, header: Header) -> None:
        rule = mapping.event[number]
        with_lines, with_traits = mapping.lines and has_lines(rule.type), mapping.traits and rule.type == "identified"
        self.number = number
        self.is_of_an_order = is_of_an_order(rule.type)
        self.tests = _Tests(f"event.{number}.when", rule.when, reading, header)
        self.fields = _Fields("fields", mapping.cells_of(rule), fields_of(rule.type), header, reading)
        self.lines = _Fields("lines", mapping.lines, LINE_PARTS, header, reading) if with_lines else None
        self.traits = _Fields("traits", mapping.traits, mapping.trait_kinds, header, reading) if with_traits else None


def _priced(line: dict[str, Any]) -> dict[str, Any]:
    """A line with the price of a piece; one that is only known for the row is rounded up, the discount takes the rest.

    So `quantity * unit_price - discount` is what was paid, to the last micro.
    """
    if "amount" not in line:
        return line
    paid, quantity = line.pop("amount"), line.get("quantity", 0)
    if quantity <= 0:
        raise BadRowError("lines.quantity", f"{quantity} pieces cannot cost {paid / MICROS}")
    price = -(-(paid + line.get("discount", 0)) // quantity)
    return line | {"unit_price": price, "discount": price * quantity - paid}
