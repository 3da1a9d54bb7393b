"""What a benchmark says: the work, the settings, tables, and whether the goals are met."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows under column names; units are in the names."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Goal:
    """Something that should be reached, and what was."""

    what: str
    wanted: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Result:
    """One benchmark's answer."""

    name: str
    work: str
    settings: dict[str, Cell]
    tables: Sequence[Table]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = field(default_factory=tuple)


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Median, and the lowest and the highest."""
    low, high = (f"{each:,.{digits}f}" for each in (min(values), max(values)))
    return f"{median(values):,.{digits}f} ({low} to {high})"


def as_text(result: Result) -> str:
    """For a terminal."""
    lines = [f"== {result.name} ==", result.work]
    lines += [f"  {name}: {value}" for name, value in result.settings.items()]
    for table in result.tables:
        lines += ["", table.title, *_aligned([table.columns, *table.rows])]
    for goal in result.goals:
        lines.append(f"{'met   ' if goal.met else 'MISSED'} {goal.what}: {goal.measured} (goal {goal.wanted})")
    return "\n".join([*lines, *(f"note: {note}" for note in result.notes)])


def cell_text(cell: Cell) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return "-"
    return f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else cell


def _aligned(rows: Sequence[Sequence[Cell]]) -> list[str]:
    texts = [[cell_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts]
