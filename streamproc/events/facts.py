"""Facts: what measure counts. They carry no customer id, only what the KPIs need (`streamproc.facts.v1`)."""

from dataclasses import dataclass, field
from typing import Literal

FactValue = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, at an event time (epoch ms), with numbers and labels to count by."""

    fact: str
    at_ms: int
    values: dict[str, FactValue] = field(default_factory=dict)
    type: Literal["fact"] = "fact"


@dataclass(frozen=True, slots=True)
class Progress:
    """Event time is complete up to `through_ms` in one of `partitions` partitions of the customer log.

    It follows every fact and example that the partition had until then, in each topic that it is written to.
    """

    partition: int
    partitions: int
    through_ms: int
    type: Literal["progress"] = "progress"
