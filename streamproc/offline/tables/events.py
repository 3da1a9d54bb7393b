"""Rows to events: one row is one event, or the rows of one order are the lines of one event, whole or not at all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from streamproc.events.log import encode_event
from streamproc.events.money import MICROS
from streamproc.events.parse import parse
from streamproc.events.rejected import Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.times import epoch_ms
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.tables.cells import REMEMBERED, Cell, Header, Reader, Row
from streamproc.offline.tables.conditions import ColumnCondition
from streamproc.offline.tables.contract import LINE_PARTS, Kind, fields_of, has_lines
from streamproc.offline.tables.mapping import Cells, EventRule
from streamproc.offline.tables.mapping import Mapping as TableMapping
from streamproc.offline.tables.values import Reading

ORDERED = "order_placed"

MakeReader = Callable[[Cell, Kind], Reader]


class BadRowError(ValueError):
    """A row is no event: `place` is the key of the mapping, the message says why."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Happened:
    """What one row says."""

    at: datetime
    fields: dict[str, Any]
    line: dict[str, Any] | None


class EventMaker:
    """Reads rows as the mapping says."""

    def __init__(self, mapping: TableMapping, columns: Sequence[str]) -> None:
        self._mapping = mapping
        header = {name: place for place, name in enumerate(columns)}
        form, time = mapping.file, mapping.time
        reading = Reading(form.decimal, form.thousands, time.format, time.zone)
        self._time = [header[column] for column in time.places]
        self._moment = lru_cache(maxsize=REMEMBERED)(reading.time)
        self._leave_out = [
            (rule.reason, _Tests(f"leave_out.{number}", rule.when, reading, header))
            for number, rule in enumerate(mapping.leave_out)
        ]
        self._rules = [_Rule(mapping, number, reading, header) for number in range(len(mapping.event))]

    def time_of(self, row: Row) -> datetime:
        """When it happened, in UTC.

        Raises:
            BadRowError: there is no such time.
        """
        try:
            return self._moment(" ".join([row[place] for place in self._time]))
        except (ValueError, OverflowError, OSError) as error:
            raise BadRowError("time", str(error)) from error

    def left_out(self, row: Row) -> str | None:
        """Why the row is no event on purpose, or None.

        Raises:
            BadRowError: a condition compares a number, and there is none.
        """
        return next((reason for reason, tests in self._leave_out if tests.hold(row)), None)

    def rule_of(self, row: Row) -> int:
        """The number of the first `[[event]]` that fits.

        Raises:
            BadRowError: none does.
        """
        for number, rule in enumerate(self._rules):
            if rule.tests.hold(row):
                return number
        raise BadRowError("event", "no [[event]] fits this row")

    def order_of(self, row: Row, number: int) -> str | None:
        """Which order the row is a line of; None: the row is an event of its own.

        Raises:
            BadRowError: the order's id is not right.
        """
        rule = self._rules[number]
        if rule.order_id is None:
            return None
        order = rule.order_id.read(row).get("order_id")
        if order is None:
            raise BadRowError("fields.order_id", "empty")
        return f"{rule.type} {order}"

    def read(self, row: Row, number: int) -> Happened:
        """What the row says.

        Raises:
            BadRowError: a cell is not what the mapping expects.
        """
        rule = self._rules[number]
        fields = rule.fields.read(row)
        if rule.traits:
            fields["traits"] = rule.traits.read(row)
        return Happened(self.time_of(row), fields, _priced(rule.lines.read(row)) if rule.lines else None)

    def event(self, number: int, said: Sequence[Happened], fallback_id: str) -> DumpedRecord:
        """The event of its rows, checked as collect checks it.

        Raises:
            BadRowError: the rows contradict each other, or the event is not valid.
        """
        rule = self._mapping.event[number]
        values = _agreed([row.fields for row in said])
        values |= {
            "type": rule.type,
            "event_id": f"{self._mapping.name}-{values.get('event_id') or _id_of(rule, values, fallback_id)}",
            "occurred_at": min(row.at for row in said),
            "source": self._mapping.name,
        }
        if said[0].line is not None:
            values["lines"] = [row.line for row in said]
            if rule.type != ORDERED:
                values.setdefault("amount", sum(_amount(row.line) for row in said if row.line))
        event = parse(orjson.dumps(values))
        if isinstance(event, Rejected):
            raise BadRowError("event", f"{event.reason}: {event.detail}")
        if isinstance(event, SourceProgressed):
            raise BadRowError("event", "not an event")
        key = event.customer_id or event.anonymous_id or values["order_id"]
        return DumpedRecord(rule.topic, key.encode(), epoch_ms(event.occurred_at), encode_event(event))


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

    def __init__(self, table: str, cells: Cells, kinds: Mapping[str, Kind], make: MakeReader) -> None:
        self._table = table
        self._readers = [(name, make(cell, kinds[name])) for name, cell in cells.items()]

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
        def make(cell: Cell, kind: Kind) -> Reader:
            return cell.reader(kind, reading, header)

        rule = mapping.event[number]
        cells, kinds, traits = mapping.cells_of(rule), fields_of(rule.type), mapping.traits
        is_order = bool(mapping.lines) and has_lines(rule.type)
        self.type = rule.type
        self.tests = _Tests(f"event.{number}.when", rule.when, reading, header)
        self.fields = _Fields("fields", cells, kinds, make)
        self.order_id = _Fields("fields", {"order_id": cells["order_id"]}, kinds, make) if is_order else None
        self.lines = _Fields("lines", mapping.lines, LINE_PARTS, make) if is_order else None
        has_traits = bool(traits) and rule.type == "identified"
        self.traits = _Fields("traits", traits, dict.fromkeys(traits, "text"), make) if has_traits else None


def _id_of(rule: EventRule, values: Mapping[str, Any], fallback: str) -> str:
    """An order's id is its number; what is given back must not have the id of the order."""
    if "order_id" not in values:
        return fallback
    return str(values["order_id"]) + ("" if rule.type == ORDERED else f"-{rule.type.removeprefix('order_')}")


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


def _amount(line: Mapping[str, Any]) -> int:
    return int(line["quantity"] * line["unit_price"] - line.get("discount", 0))


def _agreed(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields that all rows of an order share; an empty cell agrees with everything but a customer's id."""
    found: dict[str, Any] = {}
    for key, value in _all(rows):
        if found.setdefault(key, value) != value:
            raise BadRowError(f"fields.{key}", "the rows of this order say different things")
    return found


def _all(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    return (item for row in rows for item in row.items())
