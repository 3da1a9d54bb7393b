"""What is wrong in a log of decisions: each mistake with its file, line and remedy."""

from collections.abc import Sequence

SHOWN = 5


class LogError(ValueError):
    """A log of decisions cannot be read; the message has the first mistakes."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        rest = len(mistakes) - SHOWN
        super().__init__("; ".join([*mistakes[:SHOWN], *([f"and {rest:,} more"] if rest > 0 else [])]))
