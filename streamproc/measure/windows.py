"""Windows of KPIs: calendar days of the shop, and everything so far."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from streamproc.measure.kinds import WindowKind

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Window:
    """The day with this number since 1970, or (None) everything so far."""

    day: int | None

    @property
    def kind(self) -> WindowKind:
        """What the registry calls it."""
        return "total" if self.day is None else "day"

    @property
    def key(self) -> str:
        """Its name in states and records.

        >>> Window(14_979).key, TOTAL.key
        ('day|2011-01-05', 'total')
        """
        return "total" if self.day is None else _key(self.day)

    @property
    def order(self) -> tuple[bool, int]:
        """Days by their date, then everything."""
        return self.day is None, self.day or 0


@lru_cache(maxsize=1024)
def _key(day: int) -> str:
    return f"day|{date.fromordinal(day + _EPOCH)}"


TOTAL = Window(None)


def window_of(key: str) -> Window:
    """The window of a name.

    Raises:
        ValueError: it names no window.

    >>> window_of("day|2011-01-05") == Window(14_979)
    True
    """
    if key == TOTAL.key:
        return TOTAL
    kind, _, day = key.partition("|")
    if kind != "day":
        raise ValueError(f"{key!r} is no window")
    return Window(date.fromisoformat(day).toordinal() - _EPOCH)
