"""Where a value comes from: a column, a constant, or several columns together; and what is done to it."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from streamproc.config_file import Table
from streamproc.events.identifiers import trimmed
from streamproc.offline.tables.contract import Kind
from streamproc.offline.tables.values import Reading, Value

Row = Sequence[str]
"""The cells of a row."""

Header = Mapping[str, int]
"""The place of each column."""

Reader = Callable[[Row], Value | None]

REMEMBERED = 4096
"""How many different texts of a cell are converted once only: most cells repeat others."""

_BREAKS = re.compile(r"\s*[\t\r\n\v\f\x85\u2028\u2029]\s*")


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


@lru_cache(REMEMBERED)
def plain(text: str) -> str:
    r"""A cell as it is meant: without white space around it, and a space where a line breaks within it.

    >>> plain(" Mug,\r\n blue ")
    'Mug, blue'
    """
    text = trimmed(text)
    return text if text.isprintable() else _BREAKS.sub(" ", text)


class Cell(Table):
    """One value of a row. Cells are trimmed before anything else.

    Attributes:
        column: the column that holds it; a name alone in the file means the same.
        value: the same for every row.
        sum_of: columns with numbers to add up.
        join_of: columns with texts to join with `-`; empty if one of them is.
        default: stands for an empty cell.
        strip_suffix: taken off the end (Excel writes customer 17850 as `17850.0`).
        lower: in small letters (an e-mail address is one, however it is typed).
        absolute: without its sign.
        matches: a regular expression for the whole text; a row that does not match is put aside.
        words: what the file says, to what streamproc calls it: `{ Ja = "true" }`.
        kind: of a trait: `text`, `number` or `flag`.
    """

    column: str | None = None
    value: str | int | float | bool | None = None
    sum_of: tuple[str, ...] = ()
    join_of: tuple[str, ...] = ()
    default: str | None = None
    strip_suffix: str | None = None
    lower: bool = False
    absolute: bool = False
    matches: Pattern | None = None
    words: Annotated[dict[str, str], Field(default_factory=dict)]
    kind: Literal["text", "number", "flag"] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum((self.column is not None, self.value is not None, bool(self.sum_of), bool(self.join_of))) != 1:
            raise ValueError("give exactly one of column, value, sum_of, join_of")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return self.sum_of or self.join_of or ((self.column,) if self.column is not None else ())

    def reader(self, kind: Kind, reading: Reading, header: Header) -> Reader:
        """How to read the value of a row: None for an empty cell, ValueError with the reason for a wrong one."""
        convert = self._converter(getattr(reading, kind))
        if self.sum_of:
            places = [header[name] for name in self.sum_of]
            return lambda row: sum(value for at in places if isinstance(value := convert(row[at]), int))
        if self.column is not None:
            place = header[self.column]
            return lambda row: convert(row[place])
        if self.join_of:
            joined = self.text_reader(header)
            return lambda row: convert(joined(row))
        constant = convert(str(self.value))
        return lambda _: constant

    def text_reader(self, header: Header) -> Callable[[Row], str]:
        """How to read the text, before anything is made of it: as far as the row goes, empty if it ends before."""
        if self.column is not None:
            place = header[self.column]
            return lambda row: row[place] if place < len(row) else ""
        places, constant = [header[name] for name in self.columns], "" if self.value is None else str(self.value)

        def joined(row: Row) -> str:
            parts = [plain(row[place]) if place < len(row) else "" for place in places]
            return "-".join(parts) if all(parts) else ""

        return joined if places else lambda _: constant

    def _converter(self, convert: Callable[[str], Value | None]) -> Callable[[str], Value | None]:
        whole = None if self.matches is None else re.compile(self.matches)

        def converted(text: str) -> Value | None:
            text = self.mended(text)
            if not text:
                return None
            if whole is not None and not whole.fullmatch(text):
                raise ValueError(f"{text[:40]!r} does not match {self.matches}")
            value = convert(text)
            return abs(value) if self.absolute and isinstance(value, int) else value

        return lru_cache(maxsize=REMEMBERED)(converted)

    def mended(self, text: str) -> str:
        """The text with what the mapping does to it."""
        text = plain(text).removesuffix(self.strip_suffix or "")
        text = self.words.get(text, text) or self.default or ""
        return text.lower() if self.lower else text
