"""How far the facts of a partition are counted."""

from dataclasses import dataclass

from streamproc.events.position import Position


@dataclass(frozen=True, slots=True)
class Counting:
    """What the sums of a facts partition hold: every fact up to `applied`, each once."""

    applied: Position | None = None
