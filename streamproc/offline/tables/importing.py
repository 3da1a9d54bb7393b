"""The import: rows in, a dump in time order out; every row is in an event, left out on purpose, or put aside."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import streamproc
from streamproc.config_error import ConfigError, Problem
from streamproc.offline.dumps.files import PROGRESS_EVERY, OnProgress, write_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.tables.events import BadRowError, EventMaker
from streamproc.offline.tables.formulas import PLACE_COLUMNS, guarded
from streamproc.offline.tables.mapping import Mapping
from streamproc.offline.tables.rows import TableRow, header_of, rows_of
from streamproc.offline.tables.sorting import SortedOnDisk
from streamproc.settings.read import read_toml

OTHER_DAYS = "not of the days asked for"


@dataclass(slots=True)
class ImportReport:
    """What became of the rows: `rows` = in events + left out + bad.

    Attributes:
        rows: rows of all files.
        in_events: rows that are in an event.
        events: events by type.
        left_out: rows left out on purpose, by the reason in the mapping.
        bad: rows put aside, by the place in the mapping that they do not fit.
        rejects: the file with the bad rows, with file, line and reason; None if there are none.
    """

    rows: int = 0
    in_events: int = 0
    events: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    rejects: Path | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of an import, both included, in UTC."""

    first: date = date.min
    last: date = date.max

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


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
    header = header_of(table, mapping.file)
    missing = [(column, place) for column, place in mapping.columns.items() if header.count(column) != 1]
    for column, place in missing:
        yield place, f"{table} has " + (f"the column {column!r} twice" if column in header else f"no column {column!r}")
    if missing:
        yield "file", f"the columns of {table} are: {', '.join(header)}"


def import_tables(
    mapping: Mapping, files: Sequence[Path], out: Path, on_progress: OnProgress, days: Days | None = None
) -> ImportReport:
    """Write the events of the tables as a dump, and the bad rows beside it.

    An order with a bad row is put aside as a whole, so that the mended rows can be imported later, by the same
    mapping, and no order is ever written with a part of its lines. Sorting is on disk: memory does not grow.

    Raises:
        TableError: a table cannot be read to its end; nothing is written.
    """
    with ExitStack() as stack:
        work = _Import(mapping, files, days, stack)
        work.sort_rows(on_progress)
        work.make_events()
        write_dump(out, work.records())
        work.report.rejects = work.put_aside(rejects_path(out))
    return work.report


def rejects_path(out: Path) -> Path:
    """Where the bad rows of a dump go: `orders.jsonl.gz` -> `orders.rejected.csv`."""
    return out.with_name(out.name.split(".")[0] + ".rejected.csv")


class _Import:
    def __init__(self, mapping: Mapping, files: Sequence[Path], days: Days | None, stack: ExitStack) -> None:
        self.report = ImportReport()
        self._mapping = mapping
        self._files = files
        self._headers = [header_of(path, mapping.file) for path in files]
        self._makers = [EventMaker(mapping, header) for header in self._headers]
        self._days = days
        self._rows, self._events, self._bad = SortedOnDisk(), SortedOnDisk(), SortedOnDisk()
        for sorter in (self._rows, self._events, self._bad):
            stack.callback(sorter.close)

    def sort_rows(self, on_progress: OnProgress) -> None:
        """Find out which event each row belongs to."""
        for row in rows_of(self._files, self._mapping.file):
            self.report.rows += 1
            if self.report.rows % PROGRESS_EVERY == 0:
                on_progress(self.report.rows)
            try:
                self._sort(row, self.report.rows)
            except BadRowError as error:
                self._reject(row, self.report.rows, error)
        on_progress(self.report.rows)

    def _sort(self, row: TableRow, number: int) -> None:
        if row.wrong is not None:
            raise BadRowError("file", row.wrong)
        maker, cells = self._makers[row.file], row.cells
        if self._days and maker.time_of(cells).date() not in self._days:
            self.report.left_out[OTHER_DAYS] += 1
        elif (reason := maker.left_out(cells)) is not None:
            self.report.left_out[reason] += 1
        else:
            rule = maker.rule_of(cells)
            order = maker.order_of(cells, rule)
            key = f"row {number}" if order is None else f"order {order}"
            self._rows.add(key, number, (row.file, row.line, row.cells, rule))

    def make_events(self) -> None:
        """One event from each group of rows; a group with a bad row is put aside as a whole."""
        for _, group in groupby(self._rows, key=itemgetter(0)):
            rows = [(number, TableRow(*content[:3]), content[3]) for _, number, content in group]
            record = self._event(rows)
            if record is not None:
                self.report.in_events += len(rows)
                content = (record.topic, (record.key or b"").decode(), (record.value or b"").decode())
                self._events.add(record.timestamp, rows[0][0], content)
                self.report.events[self._mapping.event[rows[0][2]].type] += 1

    def _event(self, rows: list[tuple[int, TableRow, int]]) -> DumpedRecord | None:
        said, wrong = [], {}
        for number, row, rule in rows:
            try:
                said.append(self._makers[row.file].read(row.cells, rule))
            except BadRowError as error:
                wrong[number] = error
        if not wrong:
            _, first, rule = rows[0]
            try:
                return self._makers[0].event(rule, said, f"{self._files[first.file].name}-{first.line}")
            except BadRowError as error:
                wrong = dict.fromkeys((number for number, _, _ in rows), error)
        others = BadRowError("order", f"another row of this order is bad (line {_first_line(rows, wrong)})")
        for number, row, _ in rows:
            self._reject(row, number, wrong.get(number, others))
        return None

    def records(self) -> Iterator[DumpedRecord]:
        """The events in time order, at equal times in the order of the files."""
        for at_ms, _, (topic, key, value) in self._events:
            yield DumpedRecord(topic, key.encode(), int(at_ms), value.encode())

    def put_aside(self, path: Path) -> Path | None:
        """Write the bad rows, with the reason, so that no spreadsheet calculates them; a file of before goes."""
        path.unlink(missing_ok=True)
        if not self.report.bad:
            return None
        form = self._mapping.file
        with path.open("w", encoding=form.encoding, errors="surrogateescape", newline="") as file:
            writer = csv.writer(file, delimiter=form.delimiter, quotechar=form.quote)
            writer.writerow([*PLACE_COLUMNS, *map(guarded, self._headers[0])])
            for _, _, (file_number, line, reason, cells) in self._bad:
                writer.writerow([guarded(str(self._files[file_number])), line, *map(guarded, (reason, *cells))])
        return path

    def _reject(self, row: TableRow, number: int, error: BadRowError) -> None:
        self.report.bad[error.place] += 1
        self._bad.add(number, number, (row.file, row.line, f"{error.place}: {error}", row.cells))


def _first_line(rows: Iterable[tuple[int, TableRow, int]], wrong: dict[int, Any]) -> int:
    return next(row.line for number, row, _ in rows if number in wrong)
