"""What one row says by itself, as the mapping reads it: left out, an event or a part of one, or wrong and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from streamproc.events.identifiers import identifies_nobody
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.cells import REMEMBERED, Cell, Row, plain
from streamproc.offline.tables.mapping import Mapping
from streamproc.offline.tables.rows import TableRow
from streamproc.offline.tables.rule import Columns, Fields, Rule, Tests


@dataclass(frozen=True, slots=True)
class Said:
    """What one row says: by which `[[event]]`, when, its fields, and its lines of an order (None: such have none)."""

    rule: int
    at: datetime
    fields: dict[str, Any]
    lines: tuple[dict[str, Any], ...] | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row is no event on purpose; `whole_order` as in the mapping."""

    reason: str
    whole_order: bool | None = False


Meaning = Said | LeftOut | BadRowError
"""What a row means; a mistake is a meaning, too: it is kept with the row and never raised further."""


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, mapping: Mapping, columns: Sequence[str]) -> None:
        table, shop = Columns(mapping, columns), mapping.shop
        header = table.header
        self._leave_out = [
            (LeftOut(rule.reason, rule.whole_order), Tests(f"leave_out.{number}", rule.when, table))
            for number, rule in enumerate(mapping.leave_out)
        ]
        rules = [(event.besides, Rule(table, number)) for number, event in enumerate(mapping.event)]
        self._rules = [rule for besides, rule in rules if not besides]
        self._besides = [rule for besides, rule in rules if besides]
        self._shop = None if shop is None else Fields("shop", {"shop": shop}, {"shop": "id"}, header, table.reading)
        self._ties = [(cell.text_reader(header), lru_cache(REMEMBERED)(_somebody(cell))) for cell in mapping.tying]
        self._shop_text = None if shop is None else shop.text_reader(header)
        self._mapped = table.mapped
        self._filled = [header[name] for name in mapping.file.fill_down]
        self._of_orders = {name: header[name] for name in mapping.order_columns}

    def tie_of(self, row: Row) -> str:
        """What ties the row to the others of its order, as far as the row goes; empty: nothing does."""
        for text, mended in self._ties:
            if tie := mended(text(row)):
                tie = f"{plain(self._shop_text(row))}\n{tie}" if self._shop_text else tie
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

    def besides(self, row: Row) -> list[Said]:
        """What the first row of an order says of the order besides.

        Raises:
            BadRowError: a cell is wrong.
        """
        return [self._said(row, rule) for rule in self._besides if rule.tests.hold(row)]

    def _said(self, row: Row, rule: Rule) -> Said:
        fields = rule.fields(row)
        if rule.is_of_an_order:
            self._name_order(row, fields)
        return Said(rule.number, rule.time(row), fields, rule.lines(row))

    def _name_order(self, row: Row, fields: dict[str, Any]) -> None:
        if "order_id" not in fields:
            raise BadRowError("fields.order_id", "empty, or a word for nothing")
        if self._shop is not None:
            shop = self._shop.read(row).get("shop")
            if shop is None:
                raise BadRowError("shop", "empty, or a word for nothing")
            fields["order_id"] = f"{shop}-{fields['order_id']}"


def _somebody(cell: Cell) -> Callable[[str], str]:
    """The text as it is meant; empty if it identifies nobody."""

    def mended(text: str) -> str:
        text = cell.mended(text)
        return "" if identifies_nobody(text) else text

    return mended
