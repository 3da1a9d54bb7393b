"""Facts: what measure counts. They carry no customer id, only what the KPIs need (`streamproc.facts.v1`)."""

from dataclasses import field
from typing import Literal

from streamproc.events.position import Position
from streamproc.value import value

FactValue = int | float | str | bool | None


@value
class Fact:
    """One thing that happened, at an event time (epoch ms), with numbers and labels to count by.

    What was told and turns out otherwise is `taken_back`: the same fact again, which counts once less.
    `position` is where the log says so, known once decide writes it: whoever counts passes over what comes again.
    """

    fact: str
    at_ms: int
    values: dict[str, FactValue] = field(default_factory=dict)
    position: Position | None = None
    taken_back: bool = False
    type: Literal["fact"] = "fact"


@value
class Progress:
    """Event time is complete up to `through_ms` in one of `partitions` partitions of the customer log.

    It follows every fact and example that the partition had until then, in each topic that it is written to. It needs
    no position: event time never goes back, so one that comes again says nothing new.
    """

    partition: int
    partitions: int
    through_ms: int
    type: Literal["progress"] = "progress"
