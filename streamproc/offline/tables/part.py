"""The rows of one order in one table: each is read by itself, and then they are looked at together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.cells import Row
from streamproc.offline.tables.row_reader import LeftOut, Meaning, RowReader, Said
from streamproc.offline.tables.rows import TableRow


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One row of an order, its cells as they count, and what it means."""

    row: TableRow
    cells: Row
    meaning: Meaning


Part = list[OrderRow]
"""The rows of an order in one table, as they stand there."""


def part_of(rows: Sequence[TableRow], reader: RowReader) -> Part:
    """What the rows mean, those conditions included that are about the whole order."""
    cells = reader.filled(rows)
    part = [OrderRow(row, its, reader.meaning(row, its)) for row, its in zip(rows, cells, strict=True)]
    for each in part:
        if isinstance(each.meaning, LeftOut) and each.meaning.whole_order:
            return [row if isinstance(row.meaning, BadRowError) else replace(row, meaning=each.meaning) for row in part]
    torn = next((column for each in part[1:] if (column := _torn(part[0], each, reader))), None)
    if torn is None:
        return part
    return all_bad(
        part, "file.fill_down", f"{torn!r} stands on the order's first row only; name it in [file] fill_down"
    )


def all_bad(part: Part, place: str, message: str) -> Part:
    """The rows, all of them wrong for the same reason."""
    return [replace(each, meaning=BadRowError(place, message)) for each in part]


def _torn(first: OrderRow, other: OrderRow, reader: RowReader) -> str | None:
    """The column by which the order would be cut in two, since the other row says nothing there."""
    match first.meaning, other.meaning:
        case (Said(), Said()):
            # of different moments, such as an order and its refund, each row stands for itself
            may_be = first.meaning.rule != other.meaning.rule and first.meaning.at == other.meaning.at
        case (BadRowError(), _) | (_, BadRowError()):
            may_be = False  # the order is put aside for it anyway
        case _:
            may_be = first.meaning != other.meaning
    return reader.emptied(first.cells, other.cells) if may_be else None
