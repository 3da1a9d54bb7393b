"""What one `[[kpi]]` block of `config/kpis.toml` may say, by its kind."""

from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from streamproc.config_file import AnyOf, Number, Table, spelled

T = TypeVar("T")
WindowKind = Literal["day", "total"]


def _unique(items: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(items)) < len(items):
        raise ValueError("something is named twice")
    return items


_FROM_LIST = Field(min_length=1, strict=False)  # TOML has lists, the block keeps tuples
Name = Annotated[str, spelled(r"^[a-z][a-z0-9_]*$", "small letters, digits and _, the first of them a letter", 64)]
Sentence = Annotated[str, StringConstraints(min_length=1)]
Names = Annotated[tuple[str, ...], _FROM_LIST, AfterValidator(_unique)]
Windows = Annotated[tuple[WindowKind, ...], _FROM_LIST, AfterValidator(_unique)]


class KpiTable(Table):
    """What every block has: an unknown key is a mistake, nothing is converted silently.

    Attributes:
        description: what the KPI says, in one sentence for whoever reads the dashboard.
        windows: `day` (UTC calendar day), `total` (everything so far), or both.
        publish: false for what only serves as a part of a ratio.
        layer, direction, owner: needed by what is published; `direction` is where better is.
        baseline, target: in the KPI's unit, so money in micros.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True)

    name: Name
    description: Sentence
    windows: Windows = ("day", "total")
    publish: bool = True
    layer: Literal["input", "process", "output", "financial"] | None = None
    direction: Literal["up", "down"] | None = None
    owner: Sentence | None = None
    baseline: Number | None = None
    target: Number | None = None


class CountKpi(KpiTable):
    """How many facts there were that fulfil all conditions."""

    kind: Literal["count"]
    facts: Names
    where: dict[str, AnyOf] = Field(default_factory=dict)
    by: Names = ()
    unit: Literal["count"] = "count"


class SumKpi(KpiTable):
    """What a number of the facts that fulfil all conditions adds up to."""

    kind: Literal["sum"]
    facts: Names
    field: str
    where: dict[str, AnyOf] = Field(default_factory=dict)
    by: Names = ()
    unit: Literal["count", "micros"]


class DistinctKpi(KpiTable):
    """How many customers there were, each counted once per window, by a flag that decide sets on the first fact.

    There are no conditions and no dimensions: the flag marks the first fact of all, not the first that fulfils them.
    """

    kind: Literal["distinct"]
    facts: Annotated[tuple[str, ...], Field(min_length=1, max_length=1, strict=False)]
    counted_by: dict[WindowKind, str]
    unit: Literal["count"] = "count"


class RatioKpi(KpiTable):
    """One counted KPI divided by another; unknown (not zero) as long as the denominator is 0."""

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    unit: Literal["ratio", "micros"] = "ratio"


CountedKpi = CountKpi | SumKpi | DistinctKpi
KpiBlock = CountedKpi | RatioKpi

KINDS: dict[str, type[KpiBlock]] = {"count": CountKpi, "sum": SumKpi, "distinct": DistinctKpi, "ratio": RatioKpi}


def dimensions_of(block: CountedKpi) -> tuple[str, ...]:
    """The fact values that a counted KPI is split by, in one order whatever the file's."""
    return () if isinstance(block, DistinctKpi) else tuple(sorted(block.by))
