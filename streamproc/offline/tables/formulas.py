"""The file of rejected rows, which somebody opens in a spreadsheet: a cell that would be a formula is text there.

A spreadsheet runs whatever begins with one of `= + - @`, a tab or a line break, whoever wrote it, so such a cell gets
an apostrophe in front (OWASP, "CSV Injection"). Numbers stay as they are. The import takes the apostrophe off again
when it reads such a file, which it knows by its first columns: what was mended there comes in as it was meant.
"""

import re
from collections.abc import Sequence

PLACE_COLUMNS = ["file", "line", "reason"]
"""What the rejected rows have before their own columns."""

_FORMULA = re.compile(
    r"['\s]*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]"
)  # the last four: full-width, which Excel takes too
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,\x20]*%?")


def guarded(cell: str) -> str:
    """The cell as text for every spreadsheet.

    >>> guarded("=HYPERLINK(A1)"), guarded("-12.50"), guarded("'-x")
    ("'=HYPERLINK(A1)", '-12.50', "''-x")
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def bare(cell: str) -> str:
    """The cell that was guarded: `bare(guarded(cell)) == cell`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def is_rejects(header: Sequence[str]) -> bool:
    """Whether a table's first row is that of a file of rejected rows."""
    return list(header[: len(PLACE_COLUMNS)]) == PLACE_COLUMNS
