"""What a message's record comes to: things that happened, each with who did it and whether it was the first.

They are a pure function of the record. What an event changes is the difference between those before it and after it:
some are taken back, others are told.
"""

from typing import NamedTuple

from streamproc.customer import difference as differing
from streamproc.customer.difference import Difference
from streamproc.customer.messages.judging import by_persons
from streamproc.customer.messages.record import MAX_TOLD, Action, Message, Told


class Happening(NamedTuple):
    """One thing that happened to a message.

    Attributes:
        is_first: the first of its kind that happened to the message; `is_first_by_person`: of those by persons.
    """

    told: Told
    by_person: bool
    is_first: bool
    is_first_by_person: bool


def difference(before: Message | None, after: Message) -> Difference[Happening]:
    """From the happenings of a record to those of the next."""
    return differing.difference(() if before is None else happenings(before), happenings(after))


def happenings(message: Message) -> tuple[Happening, ...]:
    """What happened, in the order of the times."""
    known, found = message.gone, []
    for told, by_person in zip(message.told, by_persons(message.told), strict=True):
        first, first_by_person = _bits(told.action)
        found.append(Happening(told, by_person, not known & first, by_person and not known & first_by_person))
        known |= first | (first_by_person if by_person else 0)
    return tuple(found)


def _bits(action: int) -> tuple[int, int]:
    """The bits of `Message.gone`: the first of an action, and the first of it by a person."""
    return 1 << 2 * action, 2 << 2 * action


def bounded(message: Message) -> tuple[Message, tuple[Happening, ...]]:
    """The message with as much as is remembered, and what is judged for the last time, since it is not."""
    if len(message.told) <= MAX_TOLD:
        return message, ()
    dropped, gone = happenings(message)[MAX_TOLD:], message.gone
    for each in dropped:
        first, first_by_person = _bits(each.told.action)
        gone |= (first if each.is_first else 0) | (first_by_person if each.is_first_by_person else 0)
    return message._replace(told=message.told[:MAX_TOLD], gone=gone), dropped


def did(message: Message, action: Action, *, as_person: bool = False) -> bool:
    """Whether it happened to the message, by anybody or by a person."""
    if message.gone & _bits(action)[as_person]:
        return True
    told = zip(message.told, by_persons(message.told), strict=True)
    return any(each.action == action and (by_person or not as_person) for each, by_person in told)
