"""A mapping file: what the columns of a table mean. `config/mappings/` holds the shipped ones, to be copied.

Names and meanings are in the file, so that a new table needs no code; mistakes are told all at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from streamproc.config_file import Table
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.topics import raw_topic
from streamproc.offline.tables.cells import Cell
from streamproc.offline.tables.conditions import ColumnCondition
from streamproc.offline.tables.contract import LINE_PARTS, Kind, fields_of, has_lines, is_of_an_order, required_of
from streamproc.offline.tables.format import FileFormat, TimeFormat
from streamproc.offline.tables.items import Items


def _known_type(name: str) -> str:
    if name not in EVENT_TYPES:
        raise ValueError(f"no event type {name!r}; there are: {', '.join(EVENT_TYPES)}")
    return name


def _as_cell(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


CellOf = Annotated[Cell, BeforeValidator(_as_cell)]
Cells = Annotated[dict[str, CellOf], Field(default_factory=dict)]


class LeaveOut(Table):
    """`[[leave_out]]`: rows that are no event, on purpose; they are counted by their reason.

    `whole_order`: true leaves out every row of an order of which one fits; false only the row, whatever stands beside
    it. Nothing said: only the row, but an order is put aside if a column that says something on its first row only
    would cut it in two.
    """

    reason: Annotated[str, Field(min_length=1)]
    when: Annotated[tuple[ColumnCondition, ...], Field(min_length=1)]
    whole_order: bool | None = None


class EventRule(Table):
    """`[[event]]`: which event a row is; the first block counts whose conditions (`when`) all hold.

    Attributes:
        type: of the event.
        when: the conditions.
        besides: in addition to what the rows of an order are, once for each order and without lines, by its first row.
        time: the column with the event's own time, if it is not that of the row.
        fields: the event's own.
    """

    type: Annotated[str, AfterValidator(_known_type)]
    when: tuple[ColumnCondition, ...] = ()
    besides: bool = False
    time: str | None = None
    fields: Cells

    @property
    def topic(self) -> str:
        """The raw topic of this type of event."""
        return raw_topic(EVENT_TYPES[self.type])


class Mapping(Table):
    """The whole file.

    `shop` says which shop an order is of, where several count their orders alike: its id stands before the order's.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
    shop: Annotated[Cell | None, BeforeValidator(_as_cell)] = None
    file: FileFormat = FileFormat()
    time: TimeFormat
    leave_out: tuple[LeaveOut, ...] = ()
    event: Annotated[tuple[EventRule, ...], Field(min_length=1)]
    fields: Cells
    items: Items | None = None
    lines: Cells
    traits: Cells

    def cells_of(self, rule: EventRule) -> Cells:
        """The fields of one type of event: those of `[fields]` that it has, and its own over them."""
        known = fields_of(rule.type)
        return {name: cell for name, cell in self.fields.items() if name in known} | rule.fields

    @property
    def columns(self) -> dict[str, str]:
        """Every column that the mapping names, with the place where it does so first."""
        named: dict[str, str] = {}
        for place, columns in self._places():
            for column in columns:
                named.setdefault(column, place)
        return named

    def _places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each place of the file that names columns, and which."""
        tables = [("fields", self.fields), ("traits", self.traits)]
        tables += [] if self.items else [("lines", self.lines)]
        tables += [(f"event.{number}.fields", rule.fields) for number, rule in enumerate(self.event)]
        for table, cells in tables:
            yield from ((f"{table}.{key}", cell.columns) for key, cell in cells.items())
        for number, rule in enumerate(self.leave_out):
            yield f"leave_out.{number}.when", tuple(condition.column for condition in rule.when)
        for number, event in enumerate(self.event):
            yield f"event.{number}.when", tuple(condition.column for condition in event.when)
            yield f"event.{number}.time", (event.time,) if event.time else ()
        yield "time", self.time.places
        yield "shop", self.shop.columns if self.shop else ()
        yield "file.fill_down", self.file.fill_down
        yield "file.tied_by", (self.file.tied_by,) if self.file.tied_by else ()

    @property
    def order_columns(self) -> frozenset[str]:
        """Columns that decide what a row is, and say nothing about its line: of an order, all rows should say them."""
        asked = [condition for rule in self.leave_out if rule.whole_order is None for condition in rule.when]
        asked += [condition for event in self.event if not event.besides for condition in event.when]
        return frozenset(condition.column for condition in asked) - set(self.line_columns)

    @property
    def line_columns(self) -> tuple[str, ...]:
        """The columns of lines; with `[items]`, the parts of which these consist."""
        return tuple(dict.fromkeys(column for cell in self.lines.values() for column in cell.columns))

    @property
    def trait_kinds(self) -> dict[str, Kind]:
        """What kind of value each trait has; one that says nothing is text."""
        kinds: dict[str | None, Kind] = {None: "text", "text": "text", "number": "measure", "flag": "flag"}
        return {name: kinds[cell.kind] for name, cell in self.traits.items()}

    @property
    def tying(self) -> tuple[Cell, ...]:
        """What the rows of one order say alike: where to look for it, in this order."""
        if self.file.tied_by is not None:
            return (Cell(column=self.file.tied_by, words={}),)
        cells = [self.cells_of(rule).get("order_id") for rule in self.event if is_of_an_order(rule.type)]
        return tuple({repr(cell): cell for cell in cells if cell is not None}.values())

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """What does not fit the contracts of the events: the place in the file, and what to do."""
        for key in sorted(self.fields.keys() - set().union(*(fields_of(rule.type) for rule in self.event))):
            yield f"fields.{key}", "none of the events has this field"
        for number, rule in enumerate(self.event):
            known = fields_of(rule.type)
            for key in sorted(rule.fields.keys() - known.keys()):
                yield f"event.{number}.fields.{key}", f"{rule.type} has no such field; it has: {', '.join(known)}"
            for key in sorted(required_of(rule.type) - self.cells_of(rule).keys()):
                yield f"fields.{key}", f"{rule.type} needs it: say which column it is, or its value"
            if rule.besides and not is_of_an_order(rule.type):
                yield f"event.{number}.besides", "only what is of an order happens besides"
            if rule.type == "order_placed" and not self.lines:
                yield "lines", "order_placed needs sku, quantity and unit_price (or amount)"
        yield from self._mistakes_of_lines()
        yield from self._mistakes_of_cells()
        if self.traits and not any(rule.type == "identified" for rule in self.event):
            yield "traits", "only the event identified has traits"

    def _mistakes_of_cells(self) -> Iterator[tuple[str, str]]:
        for table, cells in (("fields", self.fields), ("lines", self.lines)):
            for key in sorted(key for key, cell in cells.items() if cell.kind is not None):
                yield f"{table}.{key}", "only a trait has a `kind`; what this one is, its event says"
        if all(rule.besides for rule in self.event):
            yield "event", "each happens besides: say what the rows themselves are, too"
        if (self.file.fill_down or self.file.tied_by) and not self.tying:
            yield "file", "fill_down and tied_by are of orders, and none of the events is one"

    def _mistakes_of_lines(self) -> Iterator[tuple[str, str]]:
        if self.items and not self.line_columns:
            yield "items", "say in [lines] what the parts of a line mean"
        if not self.lines:
            return
        if not any(has_lines(rule.type) for rule in self.event):
            yield "lines", "only orders, refunds and cancellations have lines"
        for key in sorted(self.lines.keys() - LINE_PARTS.keys()):
            yield f"lines.{key}", f"no such part of a line; there are: {', '.join(LINE_PARTS)}"
        for key in sorted({"sku", "quantity"} - self.lines.keys()):
            yield f"lines.{key}", "a line needs it: say which column it is, or its value"
        if ("amount" in self.lines) == ("unit_price" in self.lines):
            yield "lines", "give either `unit_price` (of one piece) or `amount` (paid for the whole row)"
