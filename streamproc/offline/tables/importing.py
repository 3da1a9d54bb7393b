"""The import: rows in, a dump in time order out; every row is in an event, left out on purpose, or put aside.

Two passes: the first finds out which rows belong together, whatever is wrong with them, and the second judges them
together. What is counted are lines of the files, so that a row with a line break in a cell counts twice and nothing
can vanish in one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path

import orjson

import streamproc
from streamproc.config_error import ConfigError, Problem
from streamproc.offline.dumps.files import PROGRESS_EVERY, OnProgress, write_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.mapping import Mapping
from streamproc.offline.tables.orders import Orders
from streamproc.offline.tables.outcome import Days, Outcome
from streamproc.offline.tables.rejects import refuse_to_overwrite, write_rejects
from streamproc.offline.tables.row_reader import RowReader
from streamproc.offline.tables.rows import TableRow, heading_of, rows_of
from streamproc.offline.tables.single import SingleRows
from streamproc.offline.tables.sorting import SortedOnDisk
from streamproc.offline.tables.trait_kinds import TraitKinds
from streamproc.settings.read import read_toml

MOST_ROWS = 20_000
"""Of one order, in all tables together; a mapping by which one has more has taken the wrong column for its id."""

_OF_AN_ORDER, _SINGLE = "o", "s"


@dataclass(slots=True)
class ImportReport:
    """What became of the rows: `rows` = in events + left out + bad, all counted by the lines that they go over.

    Attributes:
        rows: rows of all files.
        in_events: rows that are in an event.
        events: events by type.
        left_out: rows left out on purpose, by the reason in the mapping.
        bad: rows put aside, by the place in the mapping that they do not fit.
        rejects: the files with the bad rows, with file, line and reason; none if there are none.
        untyped: traits that the mapping takes for text although each value is a number or a flag, and which of these.
    """

    rows: int = 0
    in_events: int = 0
    events: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    rejects: tuple[Path, ...] = ()
    untyped: dict[str, str] = field(default_factory=dict)


SHIPPED = Path(streamproc.__file__).parents[1] / "config" / "mappings"
"""The mappings of the checkout."""


def read_mapping(path: Path, files: Sequence[Path]) -> Mapping:
    """The mapping, after a look at the tables' columns.

    Raises:
        ConfigError: with all mistakes of the mapping, and all columns that a table does not have.
        TableError: a table is empty or damaged.
    """
    problems: list[Problem] = []
    mapping = read_toml(path, Mapping, problems)
    if mapping is not None:
        problems += [Problem(str(path), place, message) for place, message in mapping.mistakes()]
        for table in files:
            problems += [Problem(str(path), place, message) for place, message in _not_in(table, mapping)]
    if problems or mapping is None:
        raise ConfigError(problems)
    return mapping


def _not_in(table: Path, mapping: Mapping) -> Iterator[tuple[str, str]]:
    header = heading_of(table, mapping.file).columns
    missing = [(column, place) for column, place in mapping.columns.items() if header.count(column) != 1]
    for column, place in missing:
        yield place, f"{table} has " + (f"the column {column!r} twice" if column in header else f"no column {column!r}")
    if mapping.items and not mapping.items.places(header, mapping.line_columns):
        missing.append(("", "items"))
        yield "items", f"no column of {table} holds lines, or not all of those that [lines] names with {{n}} = 1"
    if missing:
        yield "file", f"the columns of {table} are: {', '.join(header)}"


def import_tables(
    mapping: Mapping, files: Sequence[Path], out: Path, on_progress: OnProgress, days: Days | None = None
) -> ImportReport:
    """Write the events of the tables as a dump, and the bad rows beside it.

    An order with a bad row is put aside as a whole, so that the mended rows can be imported later, by the same
    mapping, and no order is ever written with a part of its lines. Sorting is on disk: memory does not grow.

    Raises:
        TableError: a table cannot be read to its end, or the dump would replace something else; nothing is written.
    """
    files = [*{path.resolve(): path for path in files}.values()]  # one that is named twice is read once
    refuse_to_overwrite(out, files, mapping.file)
    with ExitStack() as stack:
        work = _Import(mapping, files, days, stack)
        work.sort_rows(on_progress)
        work.judge_rows()
        write_dump(out, work.records())
        work.report.untyped = work.traits.found
        work.report.rejects = write_rejects(out, work.put_aside, work.columns, mapping.file)
    return work.report


class _Import:
    def __init__(self, mapping: Mapping, files: Sequence[Path], days: Days | None, stack: ExitStack) -> None:
        self.report = ImportReport()
        self._headings = [heading_of(path, mapping.file) for path in files]
        self.columns = [heading.columns for heading in self._headings]
        self._files, self._form = files, mapping.file
        self._readers = [RowReader(mapping, columns) for columns in self.columns]
        self._orders = Orders(mapping, self._readers, days)
        self.traits = TraitKinds(mapping)
        self._single = SingleRows(mapping, self._readers, days)
        self._rows, self._events, self._bad = SortedOnDisk(), SortedOnDisk(), SortedOnDisk()
        for sorter in (self._rows, self._events, self._bad):
            stack.callback(sorter.close)

    def sort_rows(self, on_progress: OnProgress) -> None:
        """Find out which rows belong together: by the order that they name, else those that say the same."""
        for row in rows_of(self._files, self._headings, self._form):
            self.report.rows += row.lines
            if row.number % PROGRESS_EVERY == 0:
                on_progress(row.number)
            if row.left_out is not None:
                self.report.left_out[row.left_out] += row.lines
                continue
            reader = self._readers[row.file]
            tie = reader.tie_of(row.cells)
            self._rows.add(_OF_AN_ORDER + tie if tie else _SINGLE + reader.id_of(row.cells), row.number, row)
        on_progress(self.report.rows)

    def judge_rows(self) -> None:
        """Events, from the rows that belong together; or all of them are put aside."""
        for key, group in groupby(self._rows, key=itemgetter(0)):
            rows = (TableRow(*content) for _, _, content in group)
            if str(key).startswith(_SINGLE):
                for outcome in self._single.outcomes(rows):
                    self._count(outcome)
            else:
                self._judge_order(rows)

    def _judge_order(self, rows: Iterator[TableRow]) -> None:
        first = list(islice(rows, MOST_ROWS + 1))
        if len(first) <= MOST_ROWS:
            self._count(self._orders.outcome(first))
            return
        error = BadRowError("fields.order_id", f"more than {MOST_ROWS:,} rows name this order; is it the right column?")
        for row in chain(first, rows):
            self._count(Outcome(bad=[(row, error)]))

    def _count(self, outcome: Outcome) -> None:
        report = self.report
        for event in outcome.events:
            report.in_events += sum(row.lines for row in event.rows)
            report.events[event.type] += 1
            record = event.record
            if event.type == "identified":
                self.traits.see(orjson.loads(record.value or b"{}").get("traits", {}))
            content = (record.topic, (record.key or b"").decode(), (record.value or b"").decode())
            self._events.add(record.timestamp, event.number, content)
        for row, reason in outcome.left_out:
            report.left_out[reason] += row.lines
        for row, error in outcome.bad:
            report.bad[error.place] += row.lines
            self._bad.add(row.number, row.number, (row, f"{error.place}: {error}"))

    def records(self) -> Iterator[DumpedRecord]:
        """The events in time order, at equal times in the order of the files."""
        for at_ms, _, (topic, key, value) in self._events:
            yield DumpedRecord(topic, key.encode(), int(at_ms), value.encode())

    def put_aside(self) -> Iterator[tuple[TableRow, str]]:
        """The bad rows in the order of the files, with the reasons."""
        return ((TableRow(*row), reason) for _, _, (row, reason) in self._bad)
