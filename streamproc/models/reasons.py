"""What moved a score most, in a fixed order."""

from collections.abc import Iterable

REASONS = 3


def reasons_of(moved: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    """The features that moved it most, each with its direction; of equals the first by its name.

    >>> reasons_of([("log_orders", -2.0), ("tenure_weeks", 0.5)])
    ('-log_orders', '+tenure_weeks')
    """
    ordered = sorted([(-abs(move), name, move) for name, move in moved])
    return tuple([("+" if move > 0 else "-") + name for _, name, move in ordered[:REASONS]])
