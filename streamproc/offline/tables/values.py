"""Text to values: numbers with their marks, money in micros, times with their zone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from streamproc.events.money import MICROS

MAX_DIGITS = 40
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_EPOCHS = {"epoch_seconds": 1, "epoch_milliseconds": 1_000}

Value = str | int | bool | datetime


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

    def number(self, text: str) -> int:
        """A whole number; `6.0` is one."""
        return _whole(self.exact(text), text)

    def money(self, text: str) -> int:
        """An amount in micros."""
        return _whole(self.exact(text) * MICROS, text, " of micros (at most six decimals)")

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
        return _decimal(text, self.decimal, self.thousands)


def _whole(number: Decimal, text: str, unit: str = "") -> int:
    if number != number.to_integral_value():
        raise ValueError(f"{text[:40]!r} is no whole number{unit}")
    return int(number)


def _decimal(text: str, mark: str, thousands: str) -> Decimal:
    plain = text.strip()
    if thousands:
        plain = plain.replace(thousands, "")
    if mark != ".":
        plain = plain.replace(".", "?").replace(mark, ".")
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]!r} is no number") from error
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS or "_" in plain:
        raise ValueError(f"{text[:40]!r} is no number")
    return number


def _moment(text: str, form: str, zone: str) -> datetime:
    moment = _reader(form)(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _reader(form: str) -> Callable[[str], datetime]:
    if form == "iso8601":
        return datetime.fromisoformat
    if form in _EPOCHS:
        return lambda text: datetime.fromtimestamp(float(text) / _EPOCHS[form], UTC)
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007  the mapping's zone is put on it
