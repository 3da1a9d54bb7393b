"""KPIs of the kind `ratio`: one counted KPI divided by another."""

from typing import Literal

from streamproc.measure.kinds.base import KpiBlock, KpiFile, Wrong
from streamproc.measure.kinds.counted import CountedKpi


class RatioKpi(KpiBlock):
    """One counted KPI divided by another; unknown (not zero) as long as the denominator is 0.

    Its unit says how it is read: a share (`ratio`), how many there are for each (`count`), or money.
    """

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    unit: Literal["ratio", "count", "micros"] = "ratio"

    @property
    def parts(self) -> tuple[str, ...]:
        """What is divided by what."""
        return self.numerator, self.denominator

    def mistakes(self, file: KpiFile) -> Wrong:
        """Parts that there are not, or that do not go together."""
        parts: list[CountedKpi] = []
        for key, name in (("numerator", self.numerator), ("denominator", self.denominator)):
            part = file.by_name.get(name)
            if isinstance(part, CountedKpi):
                parts.append(part)
                for window in sorted(set(self.windows) - set(part.windows)):
                    yield (key,), f"{name} has no window {window}"
            elif part is not None:
                yield (key,), f"{name} is a {part.kind} itself; a ratio divides what is counted"
            elif name not in file.unread:
                yield (key,), f"there is no KPI {name}"
        match parts:
            case [above, below]:
                yield from self._wrong_division(above, below)

    def _wrong_division(self, numerator: CountedKpi, denominator: CountedKpi) -> Wrong:
        above, below = numerator.dimensions, denominator.dimensions
        if above != below:
            yield ("denominator",), f"is by {_listed(below)}, the numerator by {_listed(above)}: they must be the same"
        is_money = numerator.unit == "micros" and denominator.unit == "count"
        units = ("micros",) if is_money else ("ratio", "count")
        if self.unit not in units:
            yield ("unit",), f"{numerator.unit} by {denominator.unit} gives {units[0]}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"
