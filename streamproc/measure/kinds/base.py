"""What all kinds of KPIs share: the keys of a block `[[kpi]]`, and how a kind makes itself known."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from streamproc.config_file import Number, spelled
from streamproc.kinds import Kinds, KindTable

T = TypeVar("T")
WindowKind = Literal["day", "total"]
Unit = Literal["count", "micros", "ratio"]

Wrong = Iterator[tuple[tuple[int | str, ...], str]]
"""What is wrong with a block: each mistake with its place in it."""


def _unique(items: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(items)) < len(items):
        raise ValueError("something is named twice")
    return items


FROM_LIST = Field(min_length=1, strict=False)  # TOML has lists, the block keeps tuples
Name = Annotated[str, spelled(r"^[a-z][a-z0-9_]*$", "small letters, digits and _, the first of them a letter", 64)]
Sentence = Annotated[str, StringConstraints(min_length=1)]
Names = Annotated[tuple[str, ...], FROM_LIST, AfterValidator(_unique)]
Windows = Annotated[tuple[WindowKind, ...], FROM_LIST, AfterValidator(_unique)]

KINDS: Kinds[type["KpiBlock"]] = Kinds("KPI kind")
"""Every kind of KPI by its name."""


class KpiBlock(KindTable):
    """What every block has: an unknown key is a mistake, nothing is converted silently. Each kind adds its own keys.

    Attributes:
        description: what the KPI says, in one sentence for whoever reads the dashboard.
        windows: `day` (calendar day of the shop), `total` (everything so far), or both.
        publish: false for what only serves as a part of another.
        layer, direction, owner: needed by what is published; `direction` is where better is.
        baseline, target: in the KPI's unit, so money in micros.
        unit: what its value is counted in.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True)
    known: ClassVar[Kinds[Any]] = KINDS

    name: Name
    description: Sentence
    windows: Windows = ("day", "total")
    publish: bool = True
    layer: Literal["input", "process", "output", "financial"] | None = None
    direction: Literal["up", "down"] | None = None
    owner: Sentence | None = None
    baseline: Number | None = None
    target: Number | None = None
    unit: Unit

    @property
    def parts(self) -> tuple[str, ...]:
        """The counted KPIs that it is made of, numerator and denominator; none of what is counted itself."""
        return ()

    @abstractmethod
    def mistakes(self, file: "KpiFile") -> Wrong:
        """What the block gets wrong beside the others, or against what facts say."""


@dataclass(frozen=True)
class KpiFile:
    """The blocks that could be read, by their names, and the names of the others (`unread`)."""

    by_name: Mapping[str, KpiBlock]
    unread: AbstractSet[str]

    @cached_property
    def parts(self) -> AbstractSet[str]:
        """What others are made of."""
        return {part for block in self.by_name.values() for part in block.parts}
