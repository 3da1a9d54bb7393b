"""Tables of the Open Bandit Dataset: an item was shown at a position with a known probability, and clicked or not.

Source: Saito, Aihara, Matsutani and Narita (2021), "Open Bandit Dataset and Pipeline". Columns that are read:
`item_id` (from 0), `position` (from 1), `click` (0 or 1), `propensity_score` (above 0, at most 1). A decision is one
item at one position; the reward is thought to depend on both.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path

import numpy as np

from streamproc.offline.backtest.judging import Numbers, numbers
from streamproc.offline.backtest.off_policy.logged import Indices, Logged
from streamproc.offline.backtest.off_policy.target import Target
from streamproc.offline.decision_logs.log_error import LogError
from streamproc.offline.dumps.gzipped import CUT_OFF, open_to_read

POSITIONS = 3
COLUMNS = ("item_id", "position", "click", "propensity_score")
Row = tuple[float, ...]
"""The values of `COLUMNS`."""


def read_open_bandit(path: Path, items: int) -> Logged:
    """The decisions of a table (CSV, gzipped if its name ends in .gz) about so many items.

    A cell is `item_id * POSITIONS + position - 1`.

    Raises:
        LogError: it lacks a column, or a row has something else in one: says in which line, and what belongs there.
        OSError: it cannot be opened.
    """
    rows, mistakes = [], []
    for line, cells in _lines(path):
        row, wrong = _read(cells, items)
        rows.append(row)
        mistakes += [f"{path}:{line}: column {column}: {what}" for column, what in wrong]
    if mistakes:
        raise LogError(mistakes)
    if not rows:
        raise LogError([f"{path}: there is no row in it; give a table with decisions"])
    item, position, click, propensity = numbers(rows).T  # type: ignore[arg-type]
    cells_of = (item * POSITIONS + position - 1).astype(np.intp)
    return Logged(click, propensity, cells_of, items * POSITIONS)


def uniform(items: int) -> Numbers:
    """Each item as likely as any other at each position; shape (items, POSITIONS)."""
    return np.full((items, POSITIONS), 1 / items)


def target_of(name: str, chances: Numbers, logged: Logged) -> Target:
    """A policy that shows items with these chances, shape (items, POSITIONS), whoever looks."""
    items = len(chances)
    position = logged.cells % POSITIONS
    return Target(
        name=name,
        chances=chances.ravel()[logged.cells],
        situations=position,
        of_situation=np.tile(np.arange(POSITIONS), items),
        of_cell=np.arange(items * POSITIONS),
        of_chance=chances.ravel(),
    )


def as_logged(logged: Logged) -> Target:
    """The policy that logged: of it nothing is known but the chance of what it did, so that stands for all."""
    cells: Indices = np.arange(logged.cell_count)
    return Target("logged", logged.propensities, logged.cells, cells, cells, np.ones(logged.cell_count))


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    """Each row with its line, from 1."""
    with open_to_read(path) as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                there = ", ".join(rows.fieldnames or ()) or "none"
                raise LogError(
                    [f"{path}:1: no column {', '.join(missing)}; name it so in the heading (there: {there})"]
                )
            for row in rows:
                yield rows.line_num, row
        except CUT_OFF as error:
            raise LogError([f"{path}: {error}; the file is cut off: get it anew"]) from error
        except (csv.Error, UnicodeDecodeError) as error:
            raise LogError([f"{path}: {error}; save it as CSV in UTF-8"]) from error


def _read(cells: Mapping[str, str | None], items: int) -> tuple[Row, list[tuple[str, str]]]:
    """The values, and what is wrong by column."""
    known: dict[str, tuple[Callable[[str], float], float, float, str]] = {
        "item_id": (int, 0, items - 1, f"a whole number from 0 to {items - 1}, or say --items"),
        "position": (int, 1, POSITIONS, f"1 to {POSITIONS}"),
        "click": (int, 0, 1, "0 or 1"),
        "propensity_score": (float, np.nextafter(0, 1), 1, "the probability of what was shown, above 0 and at most 1"),
    }
    values, wrong = [], []
    for column, (read, least, most, meant) in known.items():
        cell = cells[column]
        try:
            value = float(read(cell or ""))
        except ValueError:
            value = np.nan
        if not least <= value <= most:
            wrong.append((column, f"{'nothing' if cell is None else repr(cell)}: write {meant}"))
        values.append(value)
    return tuple(values), wrong
