"""KPIs of the kind `distinct`: how many customers there were."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from streamproc.events.facts import FactValue
from streamproc.measure.kinds.base import WindowKind, Wrong
from streamproc.measure.kinds.counted import CountedKpi, unfit


class DistinctKpi(CountedKpi):
    """How many customers there were, each counted once per window, by a flag that decide sets on the first fact.

    There are no conditions and no dimensions: the flag marks the first fact of all, not the first that fulfils them.
    """

    kind: Literal["distinct"]
    facts: Annotated[tuple[str, ...], Field(min_length=1, max_length=1, strict=False)]
    counted_by: dict[WindowKind, str]
    unit: Literal["count"] = "count"

    def conditions(self, window: WindowKind) -> Mapping[str, frozenset[FactValue]]:
        """The window's flag."""
        return {self.counted_by[window]: frozenset([True])}

    def misfits(self, facts: list[str]) -> Wrong:
        """Windows without a flag, flags without a window, and what is no flag."""
        for window in self.windows:
            if window not in self.counted_by:
                yield ("counted_by",), f"say which flag counts per {window}"
        flags: Mapping[WindowKind, str] = self.counted_by
        for window, flag in flags.items():
            if window not in self.windows:
                yield ("counted_by", window), f"the KPI has no window {window}"
            yield from unfit(("counted_by", window), flag, facts, bool)
