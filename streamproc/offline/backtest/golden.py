"""KPIs of days against golden files: tables with a column `day`, computed by somebody else from the same data."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from streamproc.events.money import MICROS


class GoldenError(ValueError):
    """A golden file cannot be compared with: says where and why."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Which KPI is compared with which column of which file."""

    kpi: str
    path: Path
    column: str

    @classmethod
    def of(cls, text: str) -> "Golden":
        """Read `KPI=FILE.csv:COLUMN`.

        Raises:
            GoldenError: it is not of this form.
        """
        kpi, is_there, place = text.partition("=")
        path, also_there, column = place.rpartition(":")
        if not (is_there and also_there and kpi and path and column):
            raise GoldenError(f"{text!r}: write KPI=FILE.csv:COLUMN, for example orders=golden.csv:valid_orders")
        return cls(kpi, Path(path), column)


@dataclass(frozen=True, slots=True)
class Difference:
    """A day on which they differ; None: not in one of the two."""

    day: str
    kpi: float | None
    golden: float | None


@dataclass(frozen=True, slots=True)
class GoldenResult:
    """One KPI: how many days were compared, and those that differ by more than the file's rounding."""

    kpi: str
    column: str
    days: int
    differences: list[Difference]


def compare(golden: Golden, kpis: Iterable[Mapping[str, Any]]) -> GoldenResult:
    """Compare the newest value of each day of a KPI with a golden file.

    On a day that is not among the KPIs nothing was counted: 0 of what is counted, unknown of a ratio. A day whose cell
    is blank is unknown to the file, and not compared.

    Raises:
        GoldenError: the file does not have the column, or its values are no numbers.
        OSError: there is no such file.
    """
    newest, nothing = _newest(golden.kpi, kpis)
    expected = _read(golden)
    differences = []
    for day, (value, rounding) in expected.items():
        found = newest.get(day, nothing)
        if found is None:
            differences.append(Difference(day, None, float(value)))
        elif abs(found - value) > rounding:
            differences.append(Difference(day, float(found), float(value)))
    not_expected = sorted((day, value) for day, value in newest.items() if value and day not in expected)
    differences += [Difference(day, float(value), None) for day, value in not_expected]
    return GoldenResult(golden.kpi, f"{golden.path.name}:{golden.column}", len(expected), differences)


def _newest(name: str, kpis: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Decimal | None], Decimal | None]:
    """Day to newest value (None is by 0: unknown), and what a day without any has: 0, but unknown of a ratio."""
    newest: dict[str, Decimal | None] = {}
    nothing: Decimal | None = Decimal(0)
    for kpi in kpis:
        if kpi["kpi"] == name and kpi["window"] == "day" and not kpi["dimensions"]:
            value, unit = kpi["value"], MICROS if kpi["unit"] == "micros" else 1
            newest[kpi["start"][:10]] = None if value is None else Decimal(str(value)) / unit
            nothing = nothing if kpi["denominator"] is None else None
    return newest, nothing


def _read(golden: Golden) -> dict[str, tuple[Decimal, Decimal]]:
    """Day to value and what it is rounded to; a blank cell says nothing about its day."""
    found = {}
    with golden.path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if not {"day", golden.column} <= set(rows.fieldnames or ()):
            names = ", ".join(rows.fieldnames or ())
            raise GoldenError(f"{golden.path}: no columns day and {golden.column}; there are: {names}")
        for row in rows:
            if not (cell := row[golden.column]):
                continue
            try:
                value = Decimal(cell)
            except InvalidOperation as error:
                raise GoldenError(f"{golden.path}:{rows.line_num}: {cell!r} is no number") from error
            rounding = Decimal("0.005") if value != value.to_integral_value() or "." in cell else Decimal(0)
            found[row["day"]] = (value, rounding)
    return found
