"""A mapping file: what the columns of a table mean. `config/mappings/` holds the shipped ones, to be copied.

Names and meanings are in the file, so that a new table needs no code; mistakes are told all at once.
"""

import codecs
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from streamproc.config_file import Table
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.topics import raw_topic
from streamproc.offline.tables.cells import Cell
from streamproc.offline.tables.conditions import ColumnCondition
from streamproc.offline.tables.contract import LINE_PARTS, fields_of, has_lines, required_of


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"no encoding {name!r}; write for example utf-8, latin-1, cp1252, utf-16") from error


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no time zone {name!r}; write for example UTC or Europe/Berlin") from error


def _known_type(name: str) -> str:
    if name not in EVENT_TYPES:
        raise ValueError(f"no event type {name!r}; there are: {', '.join(EVENT_TYPES)}")
    return name


def _as_cell(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


OneCharacter = Annotated[str, StringConstraints(min_length=1, max_length=1)]
CellOf = Annotated[Cell, BeforeValidator(_as_cell)]
Cells = Annotated[dict[str, CellOf], Field(default_factory=dict)]


class FileFormat(Table):
    """`[file]`: how the text is cut into rows and numbers; `columns` names them if the file has no header line."""

    delimiter: OneCharacter = ","
    quote: OneCharacter = '"'
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    columns: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same mark")
        return self


class TimeFormat(Table):
    """`[time]`: when it happened. Several columns are joined with a space; `zone` counts if the text names none."""

    column: str | None = None
    columns: tuple[str, ...] = ()
    format: str = "iso8601"
    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.column is None) == (not self.columns):
            raise ValueError("give either `column` or `columns`")
        return self

    @property
    def places(self) -> tuple[str, ...]:
        """The columns that hold the time."""
        return self.columns or (self.column or "",)


class LeaveOut(Table):
    """`[[leave_out]]`: rows that are no event, on purpose; they are counted by their reason."""

    reason: Annotated[str, Field(min_length=1)]
    when: Annotated[tuple[ColumnCondition, ...], Field(min_length=1)]


class EventRule(Table):
    """`[[event]]`: which event a row is; the first block counts whose conditions (`when`) all hold."""

    type: Annotated[str, AfterValidator(_known_type)]
    when: tuple[ColumnCondition, ...] = ()
    fields: Cells

    @property
    def topic(self) -> str:
        """The raw topic of this type of event."""
        return raw_topic(EVENT_TYPES[self.type])


class Mapping(Table):
    """The whole file."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
    file: FileFormat = FileFormat()
    time: TimeFormat
    leave_out: tuple[LeaveOut, ...] = ()
    event: Annotated[tuple[EventRule, ...], Field(min_length=1)]
    fields: Cells
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
        tables = [("fields", self.fields), ("lines", self.lines), ("traits", self.traits)]
        tables += [(f"event.{number}.fields", rule.fields) for number, rule in enumerate(self.event)]
        for table, cells in tables:
            for key, cell in cells.items():
                for column in cell.columns:
                    named.setdefault(column, f"{table}.{key}")
        conditions = [(f"leave_out.{number}.when", rule.when) for number, rule in enumerate(self.leave_out)]
        conditions += [(f"event.{number}.when", rule.when) for number, rule in enumerate(self.event)]
        for place, whens in conditions:
            for condition in whens:
                named.setdefault(condition.column, place)
        for column in self.time.places:
            named.setdefault(column, "time")
        return named

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
            if rule.type == "order_placed" and not self.lines:
                yield "lines", "order_placed needs sku, quantity and unit_price (or amount)"
        yield from self._mistakes_of_lines()
        if self.traits and not any(rule.type == "identified" for rule in self.event):
            yield "traits", "only the event identified has traits"

    def _mistakes_of_lines(self) -> Iterator[tuple[str, str]]:
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
