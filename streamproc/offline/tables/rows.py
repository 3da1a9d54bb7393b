"""The rows of a table as they stand in the file, each with its line; what cannot be read says why."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path

from streamproc.offline.dumps.gzipped import CUT_OFF, open_to_read
from streamproc.offline.tables.formulas import bare, is_rejects
from streamproc.offline.tables.mapping import FileFormat

_UTF8_WITH_OR_WITHOUT_BOM = "utf-8-sig"


class TableError(ValueError):
    """A table cannot be imported at all: says the file and what to do."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: where it stands, its cells, and what is wrong with it as text (None: nothing)."""

    file: int
    line: int
    cells: list[str]
    wrong: str | None = None


def encoding_of(form: FileFormat) -> str:
    """How the file's bytes are read; a byte order mark is no part of the first column's name."""
    return _UTF8_WITH_OR_WITHOUT_BOM if form.encoding == "utf-8" else form.encoding


def header_of(path: Path, form: FileFormat) -> list[str]:
    """The names of the columns.

    Raises:
        TableError: the file is empty or cut off.
        OSError: it cannot be opened.
    """
    first = next(_lines(path, 0, form), None)
    if form.columns is not None and not (first and is_rejects(first.cells)):
        return list(form.columns)
    if first is None:
        raise TableError(f"{path}: the file is empty; a table starts with the names of its columns")
    return first.cells


def rows_of(paths: Sequence[Path], form: FileFormat) -> Iterator[TableRow]:
    """All rows of all files, in the order of the files, without their header lines; empty lines are no rows.

    Raises:
        TableError: a gzip file is cut off or damaged.
        OSError: a file cannot be opened.
    """
    for number, path in enumerate(paths):
        header = header_of(path, form)
        width, mended = len(header), is_rejects(header)
        rows = _lines(path, number, form)
        if form.columns is None or mended:
            next(rows, None)
        for found in rows:
            row = replace(found, cells=[*map(bare, found.cells)]) if mended else found
            yield row if row.wrong or len(row.cells) == width else _miscut(row, width)


def _miscut(row: TableRow, width: int) -> TableRow:
    return TableRow(row.file, row.line, row.cells, f"{len(row.cells)} columns instead of {width}")


def _lines(path: Path, file: int, form: FileFormat) -> Iterator[TableRow]:
    with (
        open_to_read(path) as raw,
        TextIOWrapper(raw, encoding_of(form), errors="surrogateescape", newline="") as text,
    ):
        reader = csv.reader(text, delimiter=form.delimiter, quotechar=form.quote)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield TableRow(file, line, [], str(error))
                continue
            except CUT_OFF as error:
                raise TableError(f"{path}: after line {line - 1}: {error}; the file is cut off: get it anew") from error
            except UnicodeError as error:
                raise TableError(f"{path}: line {line}: {error}; is [file] encoding right?") from error
            if cells:
                yield TableRow(file, line, cells, _undecodable(cells, form.encoding))


def _undecodable(cells: list[str], encoding: str) -> str | None:
    if "".join(cells).isascii():
        return None
    for cell in cells:
        if any("\ud800" <= character <= "\udfff" for character in cell):
            return f"no {encoding}: {cell[:40].encode('ascii', 'backslashreplace').decode()}"
    return None
