"""Numbers as tables write them: with thousands marks, currency signs, brackets, signs behind; exact, or refused.

A mark that stands where no shop writes it is the sign of another country's numbers: `12,50` in a table with thousands
`,` is refused and not 1,250. So a thousands mark stands before three digits, and never behind a leading zero.
"""

import re
from decimal import Decimal
from functools import lru_cache

MAX_DIGITS = 40

_BLANKS = str.maketrans("\u00a0\u2007\u2009\u202f", "    ")
_MINUS = str.maketrans("\u2212\u2013\ufe63\uff0d", "----")
_CURRENCY = "[$\u00a3\u00a4\u00a5\u0e3f\u20a0-\u20c0\uff04\uffe1\uffe5\uffe6]"
"""Signs of whole currencies; not the cent's, which would be another amount."""


def exact(text: str, decimal: str, thousands: str) -> Decimal:
    """The number that is written.

    Raises:
        ValueError: it is none, by these marks.

    >>> exact("1.234,50 \u20ac", ",", "."), exact("(12.50)", ".", ""), exact("1\u202f234,5-", ",", " ")
    (Decimal('1234.50'), Decimal('-12.50'), Decimal('-1234.5'))
    """
    found = _pattern(decimal, thousands).fullmatch(text.translate(_BLANKS).translate(_MINUS).strip())
    if found is None or not (found["whole"] or found["part"]) or not _signed_once(found):
        marks = f"thousands {thousands!r}" if thousands else "no thousands mark"
        raise ValueError(f"{text[:40]!r} is no number with decimal {decimal!r} and {marks}; [file] says the marks")
    whole = re.sub(r"[^0-9]", "", found["whole"] or "0")
    number = Decimal(f"{whole}.{found['part'] or '0'}{found['power'] or ''}")
    if abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError(f"{text[:40]!r} is no number: too many digits")
    return -number if found["open"] or "-" in _signs(found) else number


@lru_cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    """A sign or brackets around, a currency sign before or behind, and the digits with their marks."""
    mark = {"": "(?!)", "'": "['\u2019]"}.get(thousands, re.escape(thousands))
    whole = rf"(?P<whole>[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+|[0-9]+)?"
    body = rf"{whole}(?:{re.escape(decimal)}(?P<part>[0-9]*))?(?P<power>[eE][+-]?[0-9]{{1,3}})?"
    before = rf"(?P<open>\()?\ *(?P<first>[+-])?\ *(?P<left>{_CURRENCY})?\ *(?P<second>[+-])?\ *"
    behind = rf"\ *(?P<third>[+-])?\ *(?P<right>{_CURRENCY})?\ *(?P<fourth>[+-])?\ *(?P<close>\))?"
    return re.compile(before + body + behind)


def _signs(found: re.Match[str]) -> str:
    return "".join(found[name] or "" for name in ("first", "second", "third", "fourth"))


def _signed_once(found: re.Match[str]) -> bool:
    """Brackets are a sign, too, and there is one currency at most."""
    signs = len(_signs(found)) + (found["open"] is not None)
    return (found["open"] is None) == (found["close"] is None) and signs <= 1 and not (found["left"] and found["right"])
