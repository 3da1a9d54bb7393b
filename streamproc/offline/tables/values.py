"""Text to values: numbers with their marks, money in micros, times with their zone, ids that are somebody's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from streamproc.events.identifiers import identifies_nobody
from streamproc.events.money import MICROS
from streamproc.offline.tables.numbers import exact

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_EPOCHS = {"epoch_seconds": 1, "epoch_milliseconds": 1_000}
_NOISE = Decimal("0.0000005")
"""Half a micro: what computers add to whole numbers (2.9999999999999996) is far below."""

Value = str | int | float | bool | datetime


@dataclass(frozen=True)
class Reading:
    """How one file writes numbers and times; each method reads one kind of value or raises ValueError with why not."""

    decimal: str
    thousands: str
    time_format: str
    zone: str

    def text(self, text: str) -> str:
        """The text as it is."""
        return text

    def id(self, text: str) -> str | None:
        """An id; None if it identifies nobody (`nan`, `guest`, `0`)."""
        return None if identifies_nobody(text) else text

    def number(self, text: str) -> int:
        """A whole number; `6.0` is one, and so is 6.0000000000000004."""
        number = self.exact(text)
        whole = number.to_integral_value()
        if abs(number - whole) > _NOISE:
            raise ValueError(f"{text[:40]!r} is no whole number")
        return int(whole)

    def measure(self, text: str) -> int | float:
        """A number that may have a fraction; a whole one is exact."""
        number = self.exact(text)
        return int(number) if number == number.to_integral_value() else float(number)

    def money(self, text: str) -> int:
        """An amount in micros, rounded to the nearest one."""
        return int((self.exact(text) * MICROS).to_integral_value())

    def flag(self, text: str) -> bool:
        """Yes or no."""
        flag = _FLAGS.get(text.strip().lower())
        if flag is None:
            raise ValueError(f"{text[:40]!r} is neither true nor false; translate it with `words`")
        return flag

    def time(self, text: str) -> datetime:
        """A moment, in UTC."""
        return _moment(text, self.time_format, self.zone)

    def exact(self, text: str) -> Decimal:
        """A number as it is written."""
        return exact(text, self.decimal, self.thousands)


def _moment(text: str, form: str, zone: str) -> datetime:
    moment = _reader(form)(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _reader(form: str) -> Callable[[str], datetime]:
    if form == "iso8601":
        return datetime.fromisoformat
    if form in _EPOCHS:
        return lambda text: datetime.fromtimestamp(float(text) / _EPOCHS[form], UTC)
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007  the mapping's zone is put on it
