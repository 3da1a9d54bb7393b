"""How a table's file writes rows, numbers and times: `[file]` and `[time]` of a mapping."""

import codecs
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from streamproc.config_file import Table
from streamproc.events.calendar import Zone

OneCharacter = Annotated[str, StringConstraints(min_length=1, max_length=1)]


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"no encoding {name!r}; write for example utf-8, latin-1, cp1252, utf-16") from error


class FileFormat(Table):
    """`[file]`: how the text is cut into rows and numbers, and what the rows of one order share.

    Attributes:
        columns: their names, if the file has no heading.
        tied_by: the column in which all rows of an order say the same; without it, that of `order_id`.
        fill_down: columns that say something on the first row of an order only, and mean it for all of its rows.
    """

    delimiter: OneCharacter = ","
    quote: OneCharacter = '"'
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    columns: tuple[str, ...] | None = None
    tied_by: str | None = None
    fill_down: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same mark")
        return self


class TimeFormat(Table):
    """`[time]`: when it happened. Several columns are joined with a space; `zone` counts if the text names none."""

    column: str | None = None
    columns: tuple[str, ...] = ()
    format: str = "iso8601"
    zone: Zone = "UTC"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.column is None) == (not self.columns):
            raise ValueError("give either `column` or `columns`")
        return self

    @property
    def places(self) -> tuple[str, ...]:
        """The columns that hold the time."""
        return self.columns or (self.column or "",)
