"""What became of rows: each is in an event, left out on purpose, or put aside."""

from dataclasses import dataclass, field
from datetime import date

from streamproc.events.times import from_epoch_ms
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.rows import TableRow

OTHER_DAYS = "not of the days asked for"
TOLD_ALREADY = "another table says the same"


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of an import, both included, in UTC."""

    first: date = date.min
    last: date = date.max

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Made:
    """An event: its type, its record, the rows that it is made of (none if it happened besides), and its place."""

    type: str
    record: DumpedRecord
    rows: list[TableRow]
    number: int


@dataclass(slots=True)
class Outcome:
    """Of some rows.

    Attributes:
        events: the events.
        left_out: rows that are no event on purpose, with the reason.
        bad: rows put aside, with what is wrong.
    """

    events: list[Made] = field(default_factory=list)
    left_out: list[tuple[TableRow, str]] = field(default_factory=list)
    bad: list[tuple[TableRow, BadRowError]] = field(default_factory=list)

    def take(self, event: Made, days: Days | None) -> None:
        """An event and its rows, if it is of the days asked for; the whole event or nothing of it."""
        if days is None or from_epoch_ms(event.record.timestamp).date() in days:
            self.events.append(event)
        else:
            self.left_out += [(row, OTHER_DAYS) for row in event.rows]
