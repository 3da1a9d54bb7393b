"""The rows that were put aside, as tables to be mended: one file for each heading, beside the dump.

They bear the dump's whole name, so that no import takes what another one put aside; and an import replaces or removes
only what an import has written, and nothing that it reads.
"""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

from streamproc.offline.dumps.gzipped import CUT_OFF, open_to_read
from streamproc.offline.dumps.lines import decode_line
from streamproc.offline.tables.format import FileFormat
from streamproc.offline.tables.formulas import PLACE_COLUMNS, guarded
from streamproc.offline.tables.lines import TableError
from streamproc.offline.tables.rows import TableRow, heading_of

Heading = tuple[str, ...]


def rejects_path(out: Path, number: int = 1) -> Path:
    """Where rows are put aside: `a.jsonl.gz` -> `a.jsonl.gz.rejected.csv`; for the next heading `….rejected-2.csv`."""
    return out.with_name(f"{out.name}.rejected{'' if number == 1 else f'-{number}'}.csv")


def refuse_to_overwrite(out: Path, files: Sequence[Path], form: FileFormat) -> None:
    """Look whether what is to be written would take the place of something that no import has written.

    Raises:
        TableError: it would.
    """
    read = {path.resolve() for path in files}
    for path in (out, *_there(out)):
        if path.resolve() in read:
            raise TableError(f"{path} is read, and would be replaced: choose another --out")
    if out.exists() and not _is_dump(out):
        raise TableError(f"{out} is there and is no dump, so no import has written it: choose another --out")
    for path in _there(out):
        if not _is_rejects(path, form):
            raise TableError(f"{path} is there, and no import has written it: move it, or choose another --out")


def write_rejects(
    out: Path, bad: Callable[[], Iterable[tuple[TableRow, str]]], columns: Sequence[Heading], form: FileFormat
) -> tuple[Path, ...]:
    """Write the bad rows with their reasons, so that no spreadsheet calculates them; those of before go.

    Args:
        out: the dump.
        bad: rows and reasons; asked for once for each heading.
        columns: the heading of each file.
        form: how the tables are written, and so the rejects.

    Returns:
        The files.
    """
    for path in _there(out):
        path.unlink()
    written: list[Path] = []
    for heading in dict.fromkeys(columns):
        rows = ((row, reason) for row, reason in bad() if columns[row.file] == heading)
        first = next(rows, None)
        if first is not None:
            written.append(rejects_path(out, len(written) + 1))
            _write(written[-1], heading, chain([first], rows), form)
    return tuple(written)


def _write(path: Path, heading: Heading, rows: Iterable[tuple[TableRow, str]], form: FileFormat) -> None:
    with path.open("w", encoding=form.encoding, errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, delimiter=form.delimiter, quotechar=form.quote)
        writer.writerow([*PLACE_COLUMNS, *map(guarded, heading)])
        for row, reason in rows:
            writer.writerow([guarded(row.origin), row.line, *map(guarded, (reason, *row.cells))])


def _there(out: Path) -> list[Path]:
    """The files of rejects beside the dump, also if somebody has taken one of them away."""
    name = re.compile(re.escape(out.name) + r"\.rejected(-[0-9]+)?\.csv")
    return sorted(path for path in out.parent.glob("*.csv") if name.fullmatch(path.name))


def _is_dump(path: Path) -> bool:
    try:
        with open_to_read(path) as file:
            first = file.readline()
        return not first or bool(decode_line(first))
    except (ValueError, *CUT_OFF):
        return False


def _is_rejects(path: Path, form: FileFormat) -> bool:
    try:
        return heading_of(path, form).is_rejects
    except TableError:
        return False
