"""Conditions on the columns of a row: which event it is, or whether it is left out."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Self

from pydantic import model_validator

from streamproc.config_file import Table
from streamproc.offline.tables.cells import REMEMBERED, Header, Pattern, Row, plain
from streamproc.offline.tables.values import Reading


class ColumnCondition(Table):
    """One comparison with one column: trimmed text with equals, one_of, matches, empty; a number with the others."""

    column: str
    equals: str | None = None
    one_of: tuple[str, ...] | None = None
    matches: Pattern | None = None
    empty: bool | None = None
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 2:  # noqa: PLR2004  the column and one comparison
            raise ValueError(
                "give exactly one of equals, one_of, matches, empty, at_least, at_most, above, below; "
                "several conditions in one `when` must all hold"
            )
        return self

    def test(self, reading: Reading, header: Header) -> Callable[[Row], bool]:
        """Whether it is true of a row; ValueError if a number is compared and the cell holds none."""
        place, holds = header[self.column], lru_cache(maxsize=REMEMBERED)(self._test_of_text(reading))
        return lambda row: holds(row[place])

    def _test_of_text(self, reading: Reading) -> Callable[[str], bool]:
        if self.empty is not None:
            return lambda text: (plain(text) == "") == self.empty
        if self.equals is not None or self.one_of is not None:
            choices = self.one_of or (self.equals,)
            return lambda text: plain(text) in choices
        if self.matches is not None:
            whole = re.compile(self.matches)
            return lambda text: whole.fullmatch(plain(text)) is not None
        return lambda text: self._holds_for(float(reading.exact(text)))

    def _holds_for(self, number: float) -> bool:
        if self.at_least is not None or self.above is not None:
            return number >= self.at_least if self.at_least is not None else number > (self.above or 0)
        return number <= self.at_most if self.at_most is not None else number < (self.below or 0)
