"""The rows of tables as they stand in the files, each with its place; what cannot be read says why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from streamproc.offline.tables.cells import plain
from streamproc.offline.tables.format import FileFormat
from streamproc.offline.tables.formulas import PLACE_COLUMNS, bare, is_rejects
from streamproc.offline.tables.json_rows import is_json, json_columns, json_rows
from streamproc.offline.tables.lines import TableError, lines_of
from streamproc.offline.tables.quoting import Cut, cut

NOTHING = "nothing stands in it"
HEADING_AGAIN = "the heading once more"

_BOM = "\ufeff"
_EXCEL = "sep="
"""What Excel writes before the heading, to say which delimiter follows."""


class TableRow(NamedTuple):
    """One row.

    Attributes:
        number: which one of all rows of all files.
        file: the number of its file among those named.
        origin: the table in which it stood at first: of a row that was put aside and mended, the one of before.
        line: where it begins there, from 1.
        lines: over how many lines of its file it goes; what is counted.
        cells: its cells, without those that say the place.
        wrong: why it cannot be read (None: it can).
        left_out: why it is no row of the table, such as the heading once more (None: it is one).
    """

    number: int
    file: int
    origin: str
    line: int
    lines: int
    cells: list[str]
    wrong: str | None = None
    left_out: str | None = None

    @property
    def table(self) -> tuple[int, str]:
        """Which table it stands in: one file may hold rows of several, and of one several files may hold some."""
        return self.file, self.origin


@dataclass(frozen=True, slots=True)
class Heading:
    """The first row of a table.

    Attributes:
        columns: their names.
        is_rejects: whether the file holds rows that were put aside.
        lines: how many lines of the file stand before the first row.
        is_json: whether there is none: the file holds objects, and these are the keys in them.
    """

    columns: tuple[str, ...]
    is_rejects: bool
    lines: int
    is_json: bool = False

    @property
    def width(self) -> int:
        """How many cells a row of the file has."""
        return len(self.columns) + len(PLACE_COLUMNS) * self.is_rejects


def heading_of(path: Path, form: FileFormat) -> Heading:
    """The names of the columns, trimmed; without those in which a file of rejected rows says their places.

    Raises:
        TableError: the file is empty, cut off, or its heading cannot be cut into names.
        OSError: it cannot be opened.
    """
    if is_json(path, form):
        return Heading(json_columns(path, form), is_rejects=False, lines=0, is_json=True)
    rows = (each for each in cut(lines_of(path, form), form) if any(map(plain, each.cells)))
    found = next((each for each in rows if not _is_excel_s(each)), None)
    if found is not None and is_rejects(found.cells):
        names = _names([*map(bare, found.cells[len(PLACE_COLUMNS) :])])
        return Heading(names, is_rejects=True, lines=found.line + found.lines - 1)
    if form.columns is not None:
        return Heading(form.columns, is_rejects=False, lines=0)
    if found is None:
        raise TableError(f"{path}: the file is empty; a table starts with the names of its columns")
    if found.wrong is not None:
        raise TableError(f"{path}: line {found.line}, the names of the columns: {found.wrong}")
    return Heading(_names(found.cells), is_rejects=False, lines=found.line + found.lines - 1)


def rows_of(paths: Sequence[Path], headings: Sequence[Heading], form: FileFormat) -> Iterator[TableRow]:
    """All rows of all files, in the order of the files, without their headings; empty lines are no rows.

    Raises:
        TableError: a gzip file is cut off or damaged, or the encoding is another one.
        OSError: a file cannot be opened.
    """
    number = 0
    for file, (path, heading) in enumerate(zip(paths, headings, strict=True)):
        tables = 1
        for found in _cuts(path, heading, form):
            number += 1
            row = _row(found, heading, form.encoding, _Place(number, file, _of(path, tables)))
            tables += row.left_out == HEADING_AGAIN
            yield row


def _cuts(path: Path, heading: Heading, form: FileFormat) -> Iterator[Cut]:
    if heading.is_json:
        yield from json_rows(path, form, heading.columns)
        return
    for found in cut(lines_of(path, form), form, heading.width):
        if found.line > heading.lines and found.cells and not _is_excel_s(found):
            yield found


def _of(path: Path, table: int) -> str:
    """Two tables in one file, one behind the other, are two."""
    return str(path) if table == 1 else f"{path} (table {table})"


class _Place(NamedTuple):
    """Where a row stands: as `TableRow` says it."""

    number: int
    file: int
    origin: str


def _row(found: Cut, heading: Heading, encoding: str, at: _Place) -> TableRow:
    """What was cut, as a row: with the place where it stood at first, and with what is wrong with it."""
    cells, origin, line = found.cells, at.origin, found.line
    if heading.is_rejects:
        (origin, at_line, _), cells = [*map(bare, cells), "", "", ""][:3], [*map(bare, cells[len(PLACE_COLUMNS) :])]
        line = int(at_line) if at_line.isdecimal() else line
    if _is_heading(cells, heading.columns):
        return TableRow(*at, line, found.lines, cells, left_out=HEADING_AGAIN)
    origin = origin or at.origin
    if not any(map(plain, cells)):
        return TableRow(at.number, at.file, origin, line, found.lines, cells, left_out=NOTHING)
    wrong = found.wrong or _undecodable(cells, encoding) or _miscut(cells, len(heading.columns))
    return TableRow(at.number, at.file, origin, line, found.lines, cells, wrong)


def _is_heading(cells: Sequence[str], columns: tuple[str, ...]) -> bool:
    return (
        len(cells) == len(columns) > 0 and plain(cells[0].removeprefix(_BOM)) == columns[0] and _names(cells) == columns
    )


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(plain(cell.removeprefix(_BOM)) for cell in cells)


def _miscut(cells: Sequence[str], width: int) -> str | None:
    return None if len(cells) == width else f"{len(cells)} columns instead of {width}"


def _undecodable(cells: Sequence[str], encoding: str) -> str | None:
    if "".join(cells).isascii():
        return None
    for cell in cells:
        if any("\ud800" <= character <= "\udfff" for character in cell):
            return f"no {encoding}: {cell[:40].encode('ascii', 'backslashreplace').decode()}"
    return None


def _is_excel_s(found: Cut) -> bool:
    return found.line == 1 and ",".join(found.cells).lower().startswith(_EXCEL)
