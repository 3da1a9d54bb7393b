"""A kind of KPI is one file: what it says about facts and mistakes is all that anybody asks."""

from collections.abc import Iterator, Mapping
from typing import Literal

import pytest

from streamproc.events.facts import FactValue
from streamproc.measure.kinds import KINDS, CountedKpi, WindowKind
from streamproc.measure.kinds.base import Wrong
from streamproc.measure.sums import add_up
from streamproc.measure.windows import TOTAL
from tests.measure.kpi_blocks import MEANING, count, fact, order, plan, ratio


@pytest.fixture
def returns() -> Iterator[None]:
    """A kind that is defined here and nowhere else."""

    class ReturnsKpi(CountedKpi):
        """How many orders came back."""

        kind: Literal["returns"]
        facts: tuple[str, ...] = ("refund",)
        unit: Literal["count"] = "count"

        def conditions(self, window: WindowKind) -> Mapping[str, frozenset[FactValue]]:
            return {"kind": frozenset(["refunded"])}

        def misfits(self, facts: list[str]) -> Wrong:
            return iter(())

    yield
    del KINDS["returns"]


@pytest.mark.usefixtures("returns")
def test_a_new_kind_is_counted_and_divided_as_the_configuration_says() -> None:
    its = plan({"name": "came_back", "kind": "returns", **MEANING}, count(), ratio("came_back", "orders"))
    facts = [order(), order(), fact("refund", kind="refunded"), fact("refund", kind="cancelled")]
    assert add_up(its, facts)[TOTAL].series == {"came_back": 1, "orders": 2}
    assert [(measure.numerator, measure.denominator) for measure in its.measures] == [
        ("came_back", None), ("orders", None), ("came_back", "orders"),
    ]  # fmt: skip


@pytest.mark.usefixtures("returns")
def test_a_kind_has_its_name_for_itself() -> None:
    with pytest.raises(ValueError, match="KPI kind 'returns' is defined twice"):
        KINDS.add("returns", KINDS["returns"])
