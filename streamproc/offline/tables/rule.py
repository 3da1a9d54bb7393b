"""One `[[event]]` of a mapping, ready to read the rows of one table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from streamproc.events.times import LAST_MS, epoch_ms
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.cells import REMEMBERED, Header, Row, plain
from streamproc.offline.tables.conditions import ColumnCondition
from streamproc.offline.tables.contract import LINE_PARTS, Kind, fields_of, has_lines, is_of_an_order
from streamproc.offline.tables.mapping import Cells
from streamproc.offline.tables.mapping import Mapping as TableMapping
from streamproc.offline.tables.order_line import line_of
from streamproc.offline.tables.values import Reading


@dataclass(frozen=True)
class Columns:
    """The columns of one table, and how its cells are read."""

    mapping: TableMapping
    names: Sequence[str]

    @cached_property
    def header(self) -> Header:
        """The place of each column."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def reading(self) -> Reading:
        """How cells become values."""
        form, time = self.mapping.file, self.mapping.time
        return Reading(form.decimal, form.thousands, time.format, time.zone)

    @cached_property
    def lines(self) -> Callable[[Row], list[Row]]:
        """The lines of an order that stand in a row: the row itself, unless the mapping has `[items]`."""
        if self.mapping.items is None:
            return lambda row: [row]
        return self.mapping.items.reader(self.names, self.mapping.line_columns)

    @cached_property
    def line_header(self) -> Header:
        """The place of each part of such a line."""
        if self.mapping.items is None:
            return self.header
        return {name: place for place, name in enumerate(self.mapping.line_columns)}

    @cached_property
    def mapped(self) -> list[int]:
        """The places of all columns that the mapping names, in the order of their names."""
        items = self.mapping.items
        named = set(self.mapping.columns)
        named |= (
            {self.names[place] for place in items.places(self.names, self.mapping.line_columns)} if items else set()
        )
        return [self.header[name] for name in sorted(named)]


class Rule:
    """Reads what the event with this number says of a row; each method raises BadRowError for a wrong cell."""

    def __init__(self, columns: Columns, number: int) -> None:
        mapping, header, reading = columns.mapping, columns.header, columns.reading
        rule = mapping.event[number]
        self.number = number
        self.is_of_an_order = is_of_an_order(rule.type)
        self.tests = Tests(f"event.{number}.when", rule.when, columns)
        self._fields = Fields("fields", mapping.cells_of(rule), fields_of(rule.type), header, reading)
        self._time = [header[column] for column in ((rule.time,) if rule.time else mapping.time.places)]
        self._moment = lru_cache(maxsize=REMEMBERED)(reading.time)
        self._rows_of_lines = columns.lines
        self._lines = self._traits = None
        if mapping.lines and has_lines(rule.type) and not rule.besides:
            self._lines = Fields("lines", mapping.lines, LINE_PARTS, columns.line_header, reading)
        if mapping.traits and rule.type == "identified":
            self._traits = Fields("traits", mapping.traits, mapping.trait_kinds, header, reading)

    def fields(self, row: Row) -> dict[str, Any]:
        """The event's fields."""
        traits = {} if self._traits is None else {"traits": self._traits.read(row)}
        return self._fields.read(row) | traits

    def lines(self, row: Row) -> tuple[dict[str, Any], ...] | None:
        """The lines that the row holds; None if such an event has none."""
        if self._lines is None:
            return None
        return tuple(line_of(self._lines.read(line)) for line in self._rows_of_lines(row))

    def time(self, row: Row) -> datetime:
        """When it happened, in UTC."""
        text = " ".join([plain(row[place]) for place in self._time])
        try:
            moment = self._moment(text)
        except (ValueError, OverflowError, OSError) as error:
            raise BadRowError("time", str(error)) from error
        if not 0 <= epoch_ms(moment) <= LAST_MS:
            raise BadRowError("time", f"{text[:40]!r} is of the year {moment.year}, and no order or visit is")
        return moment


class Tests:
    """Conditions that must all hold."""

    def __init__(self, place: str, conditions: Iterable[ColumnCondition], columns: Columns) -> None:
        self._place = place
        self._tests = [(each.column, each.test(columns.reading, columns.header)) for each in conditions]

    def hold(self, row: Row) -> bool:
        """Whether all are true of the row; BadRowError if one cannot be judged."""
        for column, test in self._tests:
            try:
                if not test(row):
                    return False
            except ValueError as error:
                raise BadRowError(self._place, f"{column}: {error}") from error
        return True


class Fields:
    """Some cells of a row by their names."""

    def __init__(self, table: str, cells: Cells, kinds: Mapping[str, Kind], header: Header, reading: Reading) -> None:
        self._table = table
        self._readers = [(name, cell.reader(kinds[name], reading, header)) for name, cell in cells.items()]

    def read(self, row: Row) -> dict[str, Any]:
        """Those that are not empty; BadRowError if one is wrong."""
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
