"""A message's record as it is kept in a state.

The row is its digest, `gone`, the time of the first thing that was told (epoch ms), and each thing: how long after the
first and which `Action`, in one number; with what else was said behind it in a row of its own, if there is anything.
"""

from collections.abc import Sequence
from typing import Any

from streamproc.customer.messages.record import Message, Told

_ACTIONS = 16
"""Room for so many `Action`s in the number that says what happened to a message, and when."""

Row = Sequence[Any]
"""Any: numbers, and rows of numbers."""


def row_of(message: Message) -> Row:
    """Most of what is told says no more than what happened when: then one number stands for that."""
    first_ms = message.told[0].at_ms
    return (message.digest, message.gone, first_ms, *[_plain(told, first_ms) for told in message.told])


def message_of(row: Row) -> Message:
    """The message of its row."""
    digest, gone, first_ms, *told = row
    return Message(digest, tuple([_told(each, first_ms) for each in told]), gone)


def _plain(told: Told, first_ms: int) -> int | tuple[int, ...]:
    when = (told.at_ms - first_ms) * _ACTIONS + told.action
    said: tuple[int, ...] = told[2:]
    while said and not said[-1]:
        said = said[:-1]
    return (when, *said) if said else when


def _told(each: int | Sequence[int], first_ms: int) -> Told:
    when, *said = (each,) if isinstance(each, int) else each
    return Told(first_ms + when // _ACTIONS, when % _ACTIONS, *said)
