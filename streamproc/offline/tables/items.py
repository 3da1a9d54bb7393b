"""Tables with one row for an order and all of its lines in it: in one cell, or in numbered columns."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

from pydantic import Field

from streamproc.config_file import Table
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.cells import Pattern, Row, plain
from streamproc.offline.tables.json_rows import Flat, flat_objects

NUMBER = "{n}"
"""Stands in the name of a column for 1, 2, 3 …"""

Mark = Annotated[str, Field(min_length=1)]


class Items(Table):
    r"""`[items]`: how the lines of an order are written in one row; `[lines]` then names their parts.

    With `columns`, a cell holds lines: `name:Mug|sku:M1|quantity:2`, or a JSON array of objects. Without it the columns
    are numbered: `sku = "item_{n}_sku"`; a number for which all cells are empty is no line.

    Attributes:
        columns: a regular expression for the names of the columns that hold lines.
        between: stands between two lines of a cell; without it, a cell holds one line.
        parts: stands between two parts of a line.
        name: stands between the name of a part and what it says.
    """

    columns: Pattern | None = None
    between: Mark | None = None
    parts: Mark = "|"
    name: Mark = ":"

    def places(self, columns: Sequence[str], named: Sequence[str]) -> list[int]:
        """Which columns of a table hold lines."""
        if self.columns is not None:
            whole = re.compile(self.columns)
            return [place for place, name in enumerate(columns) if whole.fullmatch(name)]
        return [columns.index(name) for numbered in _numbered(columns, named) for name in numbered]

    def reader(self, columns: Sequence[str], named: Sequence[str]) -> Callable[[Row], list[Row]]:
        """How to read the lines of a row: of each, its parts in the order of `named`."""
        if self.columns is not None:
            places = self.places(columns, named)
            return lambda row: [line for place in places for line in self._of_cell(row[place], named)]
        sets = [[columns.index(name) for name in names] for names in _numbered(columns, named)]
        return lambda row: [line for places in sets if any(map(plain, line := [row[place] for place in places]))]

    def _of_cell(self, text: str, named: Sequence[str]) -> Iterator[Row]:
        if text.lstrip().startswith("["):
            yield from ([said.get(name, "") for name in named] for said in _of_json(text))
            return
        for line in filter(plain, text.split(self.between) if self.between else [text]):
            pairs = [part.partition(self.name) for part in line.split(self.parts)]
            said = {plain(name): value for name, mark, value in pairs if mark}
            if not said:
                raise BadRowError("items", f"{plain(line)[:40]!r} has no part such as {named[0]}{self.name}…")
            yield [said.get(name, "") for name in named]


def _of_json(text: str) -> list[Flat]:
    lines = flat_objects(text)
    if lines is None:
        raise BadRowError("items", f"{plain(text)[:40]!r} is no array of objects")
    return lines


def _numbered(columns: Sequence[str], named: Sequence[str]) -> Iterator[list[str]]:
    """The names of the first, second … line's columns, as far as the table has them all."""
    known, number = set(columns), 1
    while known.issuperset(names := [each.replace(NUMBER, str(number)) for each in named]) and NUMBER in "".join(named):
        yield names
        number += 1
