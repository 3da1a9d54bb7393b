"""Text to cells by strict quoting, so that one wrong quote never takes the rows behind it along.

A quote that is not closed runs on until some later row has one, and everything between is one cell: rows vanish and
the counts still add up. So quotes are read strictly, and what cannot be cut is given back line by line as it stands in
the file: the line with the wrong quote alone, and reading goes on behind it. A cell that goes over several lines and
has as many delimiters as so many rows would is put aside with all its lines, although its quotes are closed.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streamproc.offline.tables.format import FileFormat

WRONG_QUOTE = "a quote is not closed, or stands within a cell without being doubled"


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cut from one line of the file, or from several if a cell goes over them.

    Attributes:
        line: the first line, from 1.
        lines: how many.
        cells: as far as they can be told apart; the rest of a line that cannot be cut is one cell.
        wrong: why it is no row (None: it is one).
    """

    line: int
    lines: int
    cells: list[str]
    wrong: str | None = None


class _Lines:
    """The lines of a file, some of which are read again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = iter(lines)
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        self.taken.append(line)
        return line

    def give_back_all_but_the_first(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def cut(lines: Iterable[str], form: FileFormat, width: int | None = None) -> Iterator[Cut]:
    """Every row of the lines, each of which is counted; one in which nothing stands has no cells.

    With `width`, the number of a row's cells, a cell that looks like rows itself is none.
    """
    source, number, blanks = _Lines(lines), 1, form.delimiter != " "
    rows = csv.reader(source, delimiter=form.delimiter, quotechar=form.quote, strict=True, skipinitialspace=blanks)
    while True:
        source.taken.clear()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            source.give_back_all_but_the_first()
            yield Cut(number, 1, _as_far_as_it_goes(source.taken[0], form), f"{WRONG_QUOTE} ({error})")
        else:
            found = Cut(number, len(source.taken), cells)
            yield from _line_by_line(found, source.taken, form) if _has_swallowed(found, form, width) else [found]
        number += len(source.taken)


def _has_swallowed(found: Cut, form: FileFormat, width: int | None) -> bool:
    """Whether a row that goes over several lines is none: too few or many cells, or one that looks like rows."""
    if width is None or found.lines == 1:
        return False
    return len(found.cells) != width or any(_looks_like_rows(cell, form, width) for cell in found.cells)


def _line_by_line(found: Cut, lines: Iterable[str], form: FileFormat) -> Iterator[Cut]:
    last = found.line + found.lines - 1
    wrong = f"lines {found.line} to {last} would be one row, and do not look like one; is a quote missing?"
    for number, line in enumerate(lines, start=found.line):
        yield Cut(number, 1, _as_far_as_it_goes(line, form), wrong)


def _looks_like_rows(cell: str, form: FileFormat, width: int) -> bool:
    breaks = sum(1 for line in cell.splitlines() if line.strip()) - 1
    return breaks > 0 and cell.count(form.delimiter) >= breaks * max(1, width - 1)


def _as_far_as_it_goes(line: str, form: FileFormat) -> list[str]:
    """The cells of one line up to the one whose quotes are wrong, which is all the rest of it."""
    line, quote, delimiter = line.rstrip("\r\n"), re.escape(form.quote), re.escape(form.delimiter)
    quoted = rf"\ *{quote}((?:[^{quote}]|{quote}{quote})*){quote}({delimiter}|$)"
    cell = re.compile(rf"{quoted}|([^{delimiter}]*)({delimiter}|$)")
    cells: list[str] = []
    place = 0
    while True:
        found = cell.match(line, place)
        if found is None or (found[3] or "").lstrip(" ").startswith(form.quote):
            return [*cells, line[place:]]
        cells.append(found[3] if found[1] is None else found[1].replace(form.quote * 2, form.quote))
        place = found.end()
        if not (found[2] or found[4]):
            return cells
