"""How far the facts of a partition are counted, by which definitions, and what of them is being counted anew."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from streamproc.events.position import Position
from streamproc.measure.series import split
from streamproc.measure.windows import Window
from streamproc.value import value


@dataclass(frozen=True, slots=True)
class Recount:
    """Facts that were counted are read once more, for the series that are counted anew.

    Attributes:
        until: the offset (of the facts) where it ends: from there on every series is counted.
        series: those that are counted anew; None for all.
        whole_from: the first day (its number since 1970) all of whose facts are still there; None if none is gone.
            Days before it keep what was counted.
        applied: the last fact that was counted anew.
    """

    until: int
    series: frozenset[str] | None = None
    whole_from: int | None = None
    applied: Position | None = None

    def renews(self, window: Window, name: str) -> bool:
        """Whether a series (or a sub-series) of a window is counted anew."""
        return (self.series is None or split(name)[0] in self.series) and self.takes(window)

    def with_unfinished(self, earlier: "Recount | None") -> "Recount":
        """And what an earlier recount has not finished."""
        if earlier is None:
            return self
        series = None if self.series is None or earlier.series is None else self.series | earlier.series
        return replace(self, until=max(self.until, earlier.until), series=series)

    def takes(self, window: Window) -> bool:
        """Whether the facts of a window are still there."""
        return self.whole_from is None or window.day is None or window.day >= self.whole_from


@value
class Counting:
    """What the sums of a facts partition hold: every fact up to `applied`, each once.

    Attributes:
        definitions: KPI to the digest of the definition by which all of its facts were counted; None if more than one
            counted them, or if it came when facts had been counted already. No definitions: nothing was counted yet.
        epoch_ms: when it was last asked to be counted anew, by the clock of whoever asked; 0 for never. A later one is
            greater: sums of different epochs do not go together.
        recount: what is being counted anew.
    """

    applied: Position | None = None
    definitions: Mapping[str, str | None] = field(default_factory=dict)
    epoch_ms: int = 0
    recount: Recount | None = None

    def by(self, definitions: Mapping[str, str]) -> "Counting":
        """From now on counted by these definitions."""
        if not self.definitions:
            return replace(self, definitions=definitions)
        known = {name: digest if self.definitions.get(name) == digest else None for name, digest in definitions.items()}
        return replace(self, definitions=known)

    @property
    def outdated(self) -> AbstractSet[str]:
        """The KPIs that would be others if all facts were counted by their definitions."""
        return {name for name, digest in self.definitions.items() if digest is None}

    def takes(self, position: Position, offset: int) -> "Counting | None":
        """With a fact at this offset counted; None if it was before.

        In a recount, new is what comes for the first time since it began.
        """
        recount = self.recount_at(offset)
        if not position.is_after(self.applied if recount is None else recount.applied):
            return None
        applied = position if position.is_after(self.applied) else self.applied
        if recount is None:
            return Counting(applied, self.definitions, self.epoch_ms, self.recount)
        return replace(self, applied=applied, recount=replace(recount, applied=position))

    def recount_at(self, offset: int) -> Recount | None:
        """What the fact at this offset is counted anew for; None if for everything."""
        return self.recount if self.recount is not None and offset < self.recount.until else None
