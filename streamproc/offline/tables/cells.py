"""Where a value comes from: a column, a constant, or the sum of several columns; and what is done to it."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from streamproc.config_file import Table
from streamproc.offline.tables.contract import Kind
from streamproc.offline.tables.values import Reading, Value

Row = Sequence[str]
"""The cells of a row."""

Header = Mapping[str, int]
"""The place of each column."""

Reader = Callable[[Row], Value | None]

REMEMBERED = 4096
"""How many different texts of a cell are converted once only: most cells repeat others."""


def compiled(pattern: str) -> str:
    """A regular expression that can be used.

    Raises:
        ValueError: it is none.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(compiled)]


class Cell(Table):
    """One value of a row.

    Attributes:
        column: the column that holds it; a name alone in the file means the same.
        value: the same for every row.
        sum_of: numbers to add up.
        default: stands for an empty cell.
        strip_suffix: taken off the end (Excel writes customer 17850 as `17850.0`).
        absolute: without its sign.
        matches: a regular expression for the whole text; a row that does not match is put aside.
        words: what the file says, to what streamproc calls it: `{ Ja = "true" }`.
    """

    column: str | None = None
    value: str | int | float | bool | None = None
    sum_of: tuple[str, ...] = ()
    default: str | None = None
    strip_suffix: str | None = None
    absolute: bool = False
    matches: Pattern | None = None
    words: Annotated[dict[str, str], Field(default_factory=dict)]

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum((self.column is not None, self.value is not None, bool(self.sum_of))) != 1:
            raise ValueError("give exactly one of column, value, sum_of")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return self.sum_of or ((self.column,) if self.column is not None else ())

    def reader(self, kind: Kind, reading: Reading, header: Header) -> Reader:
        """How to read the value of a row: None for an empty cell, ValueError with the reason for a wrong one."""
        convert = self._converter(getattr(reading, kind))
        if self.sum_of:
            places = [header[name] for name in self.sum_of]
            return lambda row: sum(value for at in places if isinstance(value := convert(row[at]), int))
        if self.column is not None:
            place = header[self.column]
            return lambda row: convert(row[place])
        constant = convert(str(self.value))
        return lambda _: constant

    def _converter(self, convert: Callable[[str], Value]) -> Callable[[str], Value | None]:
        suffix, words, default, absolute = self.strip_suffix, self.words, self.default or "", self.absolute
        whole = None if self.matches is None else re.compile(self.matches)

        def converted(text: str) -> Value | None:
            if suffix:
                text = text.removesuffix(suffix)
            text = words.get(text, text) or default
            if not text:
                return None
            if whole is not None and not whole.fullmatch(text):
                raise ValueError(f"{text[:40]!r} does not match {self.matches}")
            value = convert(text)
            return abs(value) if absolute and isinstance(value, int) else value

        return lru_cache(maxsize=REMEMBERED)(converted)
