"""In what charts write their numbers: per cent, money or plain, on the axis round and beside a value exact."""

from collections.abc import Callable
from dataclasses import dataclass

_WHOLE = 1_000
"""From here on a number needs no decimals."""


@dataclass(frozen=True, slots=True)
class Unit:
    """How an axis writes a round number, and how a value is written."""

    tick: Callable[[float], str]
    value: Callable[[float], str]

    @property
    def signed(self) -> "Unit":
        """The same of a difference: with its sign, whichever it is."""
        return Unit(lambda number: _with_sign(self.tick, number), lambda number: _with_sign(self.value, number))


def percent(value: float) -> str:
    """A share.

    >>> percent(0.2794), percent(0.5)
    ('27.94 %', '50 %')
    """
    return f"{value * 100:.4g} %"


def count(value: float) -> str:
    """A number as an axis writes it.

    >>> count(0.25), count(12_500), count(-12_500)
    ('0.25', '12,500', '-12,500')
    """
    return f"{value:,.4g}" if abs(value) < _WHOLE else f"{value:,.0f}"


def _money(value: float) -> str:
    return f"{value:,.2f}" if abs(value) < _WHOLE else f"{value:,.0f}"


def _number(value: float) -> str:
    return f"{value:,.3g}" if abs(value) < _WHOLE else f"{value:,.0f}"


def _with_sign(write: Callable[[float], str], number: float) -> str:
    written = write(number)
    return f"+{written}" if number > 0 else written


PERCENT = Unit(percent, lambda value: percent(round(value, 4)))
MONEY = Unit(count, _money)
"""In units of the shop's money.

>>> MONEY.value(12.5), MONEY.signed.value(12.5), MONEY.value(-0.5), MONEY.value(12_345.6)
('12.50', '+12.50', '-0.50', '12,346')
"""
NUMBER = Unit(count, _number)
"""
>>> NUMBER.value(1.23456), NUMBER.signed.tick(0.5), NUMBER.signed.tick(0.0)
('1.23', '+0.5', '0')
"""
