"""Which events were applied of late, so that a producer's repeat is known: 35 days, and so many of each family.

An event is remembered by ten letters: eight of a hash of its type and id, and two of a hash of what it says, so that
the same id with other content is told from a repeat. That other content is remembered, too: a retry of it is a repeat.
The letters of a day stand in one text: most states hold few days, and a state is read and written for nearly every
event.
"""

from base64 import urlsafe_b64encode
from enum import Enum, auto
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from streamproc.events.base import RawEvent

KEEP_DAYS = 35
MAX_IDS = {"clickstream": 256, "email": 128, "profile": 64}
"""So many events are remembered of each family; orders and what is given back of them are in the ledger."""

ID_LETTERS, CONTENT_LETTERS = 8, 2
_WIDTH = ID_LETTERS + CONTENT_LETTERS
_NOT_CONTENT = {"event_id", "sent_at", "source"}
"""What a producer's retry may say anew."""


class Seen(Enum):
    """Why an event is passed over, or that it is not."""

    NEW = auto()
    REPEATED = auto()
    CONFLICTING = auto()
    """The same id and type with other content: one of the two is wrong, and the first was applied."""
    ERASED = auto()
    """It happened before the customer was erased."""
    MACHINE = auto()
    """A machine looked at pages; nobody was there."""


class DayOfIds(NamedTuple):
    """The events of one day of arrival (days since 1970, by the newest event until then)."""

    day: int
    letters: str


RecentIds = tuple[DayOfIds, ...]


def seen(known: RecentIds, event: RawEvent) -> Seen:
    """Whether an event was remembered before."""
    letters = _letters_of_id(type(event).__name__, event.event_id)
    found = Seen.NEW
    for _, text in reversed(known):
        place = _place(text, letters)
        while place >= 0:
            if text.startswith(_letters_of_content(event), place + ID_LETTERS):
                return Seen.REPEATED
            found = Seen.CONFLICTING
            place = _place(text, letters, place + _WIDTH)
    return found


def remembering(known: RecentIds, event: RawEvent, day: int, most: int) -> RecentIds:
    """With one event more; what is older than `KEEP_DAYS`, or too many, is forgotten."""
    letters = _letters_of_id(type(event).__name__, event.event_id) + _letters_of_content(event)
    if known and known[-1].day >= day:
        days = [*known[:-1], DayOfIds(known[-1].day, known[-1].letters + letters)]
    else:
        days = [*(each for each in known if each.day > day - KEEP_DAYS), DayOfIds(day, letters)]
    excess = sum([len(each.letters) for each in days]) - most * _WIDTH
    if excess <= 0:
        return tuple(days)
    shorter = days[0].letters[excess:]
    return (*((DayOfIds(days[0].day, shorter),) if shorter else ()), *days[1:])


def joined(known: RecentIds, other: RecentIds, most: int) -> RecentIds:
    """What is remembered of two who turn out to be one; the oldest gives way."""
    days: dict[int, str] = {}
    for day, letters in sorted((*known, *other)):
        days[day] = days.get(day, "") + letters
    excess = sum(map(len, days.values())) - most * _WIDTH
    kept = []
    for day, letters in days.items():
        left = letters[max(0, excess) :]
        excess -= len(letters)
        if left:
            kept.append(DayOfIds(day, left))
    return tuple(kept)


def _place(text: str, letters: str, start: int = 0) -> int:
    """Where an id stands, from a place on; -1: nowhere. What is found across two ids is none."""
    place = text.find(letters, start)
    while place >= 0 and place % _WIDTH:
        place = text.find(letters, place + 1)
    return place


@lru_cache(maxsize=1)  # each event is looked for, and then remembered
def _letters_of_id(kind: str, event_id: str) -> str:
    identity = f"{kind} {event_id}".encode()
    return urlsafe_b64encode(blake2b(identity, digest_size=6).digest()).decode()


def _letters_of_content(event: RawEvent) -> str:
    said = event.__pydantic_serializer__.to_json(event, exclude=_NOT_CONTENT, exclude_none=True)
    return urlsafe_b64encode(blake2b(said, digest_size=3).digest())[:CONTENT_LETTERS].decode()
