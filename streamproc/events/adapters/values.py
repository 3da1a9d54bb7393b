"""Values of others' messages as ours: ids, texts, money and times, however they are written."""

import json
import re
from decimal import Decimal, InvalidOperation, localcontext
from hashlib import blake2b
from typing import Any

from streamproc.events.identifiers import identifies_nobody, plain_id, trimmed
from streamproc.events.money import MICROS
from streamproc.events.times import rfc3339
from streamproc.events.written import Written, as_text

TIME_UNKNOWN = rfc3339(0)
"""The time of a refusal or an erasure that says none: it cannot be, so these count from when they were received."""

_OTHER_SIGNS = re.compile(r"[\W_]+")
_MOST_DIGITS = 40
_DAY = len("2026-03-05")
_MOST_ID = 128
_UNITS_MS = ((10**11, 1000), (10**14, 1), (10**17, Decimal("0.001")), (10**20, Decimal("0.000001")))
"""Up to which number a time is one of seconds, milli-, micro- or nanoseconds, and how many milliseconds one is."""


def text(value: object, most: int = 256) -> str | None:
    """A text or a number as a text, cut; None if it says nothing."""
    said = as_text(value)
    return trimmed(said[:most]) or None if said and not identifies_nobody(said) else None


def word(value: object) -> str:
    """A text in small letters, of its letters and digits only: names are written in many ways.

    >>> word("Order Completed"), word("order_completed"), word(None)
    ('ordercompleted', 'ordercompleted', '')
    """
    return _OTHER_SIGNS.sub("", value).lower() if isinstance(value, str) else ""


def is_true(value: object) -> bool:
    """Whether it says yes: true, 1, or a text of it."""
    return (as_text(value) or "").lower() in ("true", "yes", "1")


def person(value: object) -> str | None:
    """An id of somebody; None: it is of nobody, or cannot be an id."""
    said = as_text(value)
    return None if said is None or identifies_nobody(said) else said


def reference(value: object) -> str | None:
    """An id of a thing, such as a message; of one that is too long a hash."""
    said = as_text(value)
    if said is None or identifies_nobody(said):
        return None
    try:
        return plain_id(said, _MOST_ID)
    except ValueError:
        return digest(said)


def named(kind: str, *by: object) -> str:
    """The id of an event of a type (`kind`), by what tells it from all others of its sender.

    >>> named("opened", "sg-17")
    'sg-17:opened'
    """
    parts = [reference(each) or "" for each in by]
    return reference(":".join((*parts, kind))) or kind


def digest(said: object) -> str:
    """What is said, as an id: the same content has the same one."""
    return blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).hexdigest()


def address(value: object) -> str | None:
    """An e-mail address, also of `Ada <ada@example.org>`; None: it is none."""
    said = as_text(value) or ""
    if said.endswith(">") and "<" in said:
        said = said[said.rindex("<") + 1 : -1]
    return trimmed(said) if "@" in said.strip("@") and len(said) <= _MOST_ID * 2 else None


def decimal(value: object) -> Decimal | None:
    """A number as it was written, also as a short text; None: it is none, or beyond all bounds."""
    said = value.text if isinstance(value, Written) else as_text(value)
    if said is None or isinstance(value, bool) or len(said) > _MOST_DIGITS:
        return None
    try:
        number = Decimal(said)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS else None


def micros(value: object) -> int | None:
    """Money in units of its currency, as exact micros; what goes back is written with or without a minus.

    >>> micros("19.99"), micros(-5), micros("0.0000004"), micros("free")
    (19990000, 5000000, 0, None)
    """
    number = decimal(value)
    if number is None:
        return None
    with localcontext(prec=3 * _MOST_DIGITS):
        return int(abs(number * MICROS).to_integral_value())


def pieces(value: object) -> Any:
    """How many; a whole number, however it is written, and else what is said.

    >>> pieces("2"), pieces("2.0"), pieces("1.5"), pieces(None)
    (2, 2, '1.5', None)
    """
    number = decimal(value)
    return int(number) if number is not None and number == number.to_integral_value() else value


def currency(value: object) -> Any:
    """A currency's code, in capitals."""
    return value.upper() if isinstance(value, str) else value


def moment(value: object) -> str | None:
    """A time as RFC 3339: of epoch seconds, milli-, micro- or nanoseconds, or a text; one without a zone is UTC.

    >>> moment(1772704800), moment("1772704800123456"), moment("2026-03-05T10:00:00")
    ('2026-03-05T10:00:00Z', '2026-03-05T10:00:00.123Z', '2026-03-05T10:00:00Z')
    """
    number = decimal(value)
    if number is not None:
        unit = next((unit for most, unit in _UNITS_MS if abs(number) < most), None)
        return None if unit is None else rfc3339(int(number * unit))
    said = as_text(value) if isinstance(value, str) else None
    if not said or len(said) > _MOST_DIGITS:
        return None
    if len(said) == _DAY:
        return f"{said}T00:00:00Z"
    has_zone = said[-1] in "zZ" or "+" in said[_DAY:] or "-" in said[_DAY:]
    return said if has_zone else f"{said}Z"
