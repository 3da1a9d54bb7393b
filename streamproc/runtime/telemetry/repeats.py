"""What is said again and again is said seldom, and how often it was left out is said with it.

Against a night without Kafka: its client tells of each connection that it could not make, hundreds of times a second,
and fills the disk with what one line says.
"""

from collections.abc import Hashable
from dataclasses import dataclass

FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3600.0
KINDS = 500
"""So many kinds are known at once; the one that was heard of longest ago makes room."""


@dataclass(slots=True)
class _Kind:
    heard_at: float
    pause: float
    next_at: float
    left_out: int = 0


class Repeats:
    """Which lines are told: the first of each kind, then one after a pause that doubles up to an hour."""

    def __init__(self) -> None:
        self._kinds: dict[Hashable, _Kind] = {}

    def hear(self, kind: Hashable, now: float) -> int | None:
        """How many lines of the kind were left out before this one, which is told; None: it is left out, too.

        `now` is in seconds of a clock that never goes back.
        """
        known = self._kinds.pop(kind, None)
        if known is None or now - known.heard_at > LONGEST_PAUSE_SECONDS:
            known = _Kind(now, FIRST_PAUSE_SECONDS, now, known.left_out if known else 0)
        self._kinds[kind] = known  # now the newest
        known.heard_at = now
        if now < known.next_at:
            known.left_out += 1
            return None
        left_out, known.left_out = known.left_out, 0
        known.next_at = now + known.pause
        known.pause = min(2 * known.pause, LONGEST_PAUSE_SECONDS)
        return left_out

    def ended(self, now: float) -> list[tuple[Hashable, int]]:
        """The kinds that nothing was heard of for a while, or that have no room, with how many lines were left out."""
        surplus = len(self._kinds) - KINDS
        over = [
            kind
            for number, (kind, known) in enumerate(self._kinds.items())
            if number < surplus or (known.left_out and now - known.heard_at > FIRST_PAUSE_SECONDS)
        ]
        told = [(kind, self._kinds[kind].left_out) for kind in over if self._kinds[kind].left_out]
        for number, kind in enumerate(over):
            if number < surplus:
                del self._kinds[kind]
            else:
                self._kinds[kind].left_out = 0
        return told
