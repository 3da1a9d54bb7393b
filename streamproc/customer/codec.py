"""A customer's state as bytes and back.

Layout: one byte of version, eight bytes with the next timer (epoch ms, big endian, the largest value if there is
none; so that timers can be found without decoding the rest), four bytes with the length of each section, the sections
(`customer/section.py`: read when somebody looks, and copied if nobody has changed them), then a JSON array of the
other fields in their order. A new version appends fields to the array and changes none
(docs/adr/0007-state-versions.md): then the release before it reads it too, and keeps what it does not know. Older
versions are read for ever: keep golden bytes of each in the tests.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

import orjson

from streamproc.customer.cart_acts import CartActs
from streamproc.customer.journeys import INTERRUPTED, JourneyInstance, JourneyInstances
from streamproc.customer.ledger.table import Ledger
from streamproc.customer.messages.table import Messages
from streamproc.customer.open_offers import OpenOffer
from streamproc.customer.purchases import NO_PURCHASES, Purchases
from streamproc.customer.questions import Questions
from streamproc.customer.reach import Reach
from streamproc.customer.recent_ids import DayOfIds, RecentIds
from streamproc.customer.sendings import Sendings
from streamproc.customer.sightings import Sightings
from streamproc.customer.state import (
    FIELDS,
    SECTIONS,
    Awaited,
    Claim,
    Consent,
    Customer,
    Fired,
    LastScore,
    Session,
    TagWord,
    Waiting,
)
from streamproc.customer.windows import Buckets, Row
from streamproc.events.versions import NewerVersionError

VERSION = 3
READS_UP_TO = VERSION + 1
NO_TIMER = 2**63 - 1
_BEGIN = struct.Struct(">Bq")
_HEAD = struct.Struct(f">Bq{len(SECTIONS)}I")
_INDEX = {name: position for position, name in enumerate(FIELDS)}
_ADDED: tuple[Any, ...] = ((), {}, (), (), {}, (), (), "", (), {}, (), {}, {}, {})
"""What the fields are that older versions do not have: version 1 `open_offers`, version 2 those behind it."""
_JOURNEYS = _INDEX["journeys"]
_OPEN_OFFERS, _APPLIED_OFFSET = _INDEX["open_offers"], _INDEX["applied_offset"]
_PURCHASES = _INDEX["purchases"]
_IN_ROWS = ("days", "hours", "sendings", "responses", "sightings")
"""Fields that stay in the rows in which they are encoded."""
_AS = dict.fromkeys(_IN_ROWS, ".rows") | {"purchases": ".text"}
_VALUES = attrgetter(*(name + _AS.get(name, "") for name in FIELDS))
_SECTIONS = attrgetter(*(f"{name}.raw" for name in SECTIONS))
N = TypeVar("N", bound=tuple[Any, ...])


def encode(customer: Customer) -> bytes:
    """The canonical bytes of a state."""
    due = customer.next_due_ms
    values = list(_VALUES(customer))
    for place, plain in _PLAIN:
        if value := values[place]:
            values[place] = plain(value)
    if customer.open_offers:
        values[_OPEN_OFFERS] = (customer.applied_offset, _rows(customer.open_offers))
    if customer.journeys:
        values[_JOURNEYS] = (customer.applied_offset, _rows(customer.journeys))
    version = VERSION
    if customer.later:
        version = READS_UP_TO
        values += customer.later
    sections = _SECTIONS(customer)
    head = _HEAD.pack(version, NO_TIMER if due is None else due, *map(len, sections))
    return b"".join((head, *sections, orjson.dumps(values)))


def next_due(raw: bytes) -> int | None:
    """When the first timer of an encoded state runs out, without decoding the state.

    Raises:
        NewerVersionError: as `decode`.
    """
    version, due = _BEGIN.unpack_from(raw)
    if version > READS_UP_TO:
        raise NewerVersionError("a customer's state", version, READS_UP_TO)
    return None if due == NO_TIMER else int(due)


def decode(raw: bytes) -> Customer:
    """The state of its bytes.

    Raises:
        NewerVersionError: a release wrote it that is newer than the next one.
    """
    version = raw[0]
    if version > READS_UP_TO:
        raise NewerVersionError("a customer's state", version, READS_UP_TO)
    _, _, orders, acts, messages, questions = _HEAD.unpack_from(raw)
    acts_from = _HEAD.size + orders
    messages_from = acts_from + acts
    questions_from = messages_from + messages
    others_from = questions_from + questions
    values: list[Any] = orjson.loads(memoryview(raw)[others_from:])
    values += _ADDED[len(values) - len(FIELDS) :] if len(values) < len(FIELDS) else ()
    later = tuple(values[len(FIELDS) :])
    del values[len(FIELDS) :]
    for place, made in _MADE:
        if value := values[place]:
            values[place] = made(value)
    for place, made in _MADE_OF_NOTHING:
        values[place] = made(values[place])
    values[_PURCHASES] = Purchases(values[_PURCHASES]) if values[_PURCHASES] else NO_PURCHASES
    values[_OPEN_OFFERS] = _open_offers(values[_OPEN_OFFERS], values[_APPLIED_OFFSET]) if values[_OPEN_OFFERS] else ()
    values[_JOURNEYS] = _journeys(values[_JOURNEYS], values[_APPLIED_OFFSET]) if values[_JOURNEYS] else ()
    values += (
        Ledger.read(raw[_HEAD.size : acts_from]),
        CartActs.read(raw[acts_from:messages_from]),
        Messages.read(raw[messages_from:questions_from]),
        Questions.read(raw[questions_from:others_from]),
        later,
    )
    return Customer(*values)


def _rows(named: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Named tuples as tuples: orjson would ask for each of them what it is."""
    return list(map(tuple, named))


def _days_of_ids(known: Mapping[str, RecentIds]) -> dict[str, list[tuple[Any, ...]]]:
    return {family: _rows(days) for family, days in known.items()}


def _entries(named: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(entry) for key, entry in named.items()}


def _entries_or_none(named: Mapping[str, tuple[Any, ...] | None]) -> dict[str, tuple[Any, ...] | None]:
    return {key: None if entry is None else tuple(entry) for key, entry in named.items()}


def _rows_by_key(counts: Mapping[str, Buckets]) -> dict[str, Sequence[Row]]:
    return {key: buckets.rows for key, buckets in counts.items()}


_PLAIN: tuple[tuple[int, Callable[[Any], Any]], ...] = tuple(
    (_INDEX[name], plain)
    for names, plain in (
        (("recent_ids",), _days_of_ids),
        (("consents", "tag_words", "fired", "scores", "reach", "claims"), _entries),
        (("consents_else",), _entries_or_none),
        (("session",), tuple),
        (("waiting", "awaited"), _rows),
        (("counts", "interests"), _rows_by_key),
    )
    for name in names
)
"""What becomes of the fields that JSON does not know, if there is anything in them."""


def _maker(named: type[N]) -> Callable[[Iterable[Any]], N]:
    """As `named._make`, without a call of Python for each of the dozens of rows in a state.

    It fills in no defaults: who adds a column says here what rows of before it have there.
    """
    return partial(tuple.__new__, named)


def _entry_maker(named: type[N]) -> Callable[[dict[str, Any]], dict[str, N]]:
    make = _maker(named)
    return lambda rows: {key: make(row) for key, row in rows.items()}


_consent, _day_of_ids, _open_offer = _maker(Consent), _maker(DayOfIds), _maker(OpenOffer)
_waiting, _awaited, _journey = _maker(Waiting), _maker(Awaited), _maker(JourneyInstance)


def _words_else(rows: dict[str, Any]) -> dict[str, Consent | None]:
    return {key: None if row is None else _consent(row) for key, row in rows.items()}


def _reaches(rows: dict[str, Any]) -> dict[str, Reach]:
    return {
        key: Reach(hard, well, tuple(soft), tuple(map(tuple, addresses)))
        for key, (hard, well, soft, addresses) in rows.items()
    }


def _recent_ids(known: dict[str, Any]) -> dict[str, RecentIds]:
    return {family: tuple(map(_day_of_ids, days)) for family, days in known.items()}


def _open_offers(written: tuple[int, list[Any]], applied_offset: int) -> tuple[OpenOffer, ...]:
    """What waits for its reward; nothing if a release has worked on the state that notes no responses."""
    offset, rows = written
    return tuple(map(_open_offer, rows)) if offset == applied_offset else ()


def _journeys(written: tuple[int, list[Any]], applied_offset: int) -> JourneyInstances:
    """Where the customer is on journeys; interrupted if a release has worked on the state that looks for no exits."""
    offset, rows = written
    known = map(_journey, rows)
    return tuple(known if offset == applied_offset else (each._replace(definition=INTERRUPTED) for each in known))


def _all_waiting(rows: list[Any]) -> tuple[Waiting, ...]:
    return tuple(map(_waiting, rows))


def _all_awaited(rows: list[Any]) -> tuple[Awaited, ...]:
    return tuple(map(_awaited, rows))


def _counts(known: dict[str, Any]) -> dict[str, Buckets]:
    return {key: Buckets(rows) for key, rows in known.items()}


_MADE: tuple[tuple[int, Callable[[Any], Any]], ...] = tuple(
    (_INDEX[name], made)
    for name, made in (
        ("consents", _entry_maker(Consent)),
        ("consents_else", _words_else),
        ("tag_words", _entry_maker(TagWord)),
        ("fired", _entry_maker(Fired)),
        ("scores", _entry_maker(LastScore)),
        ("claims", _entry_maker(Claim)),
        ("reach", _reaches),
        ("recent_ids", _recent_ids),
        ("session", _maker(Session)),
        ("counts", _counts),
        ("interests", _counts),
    )
)
"""What JSON makes of fields becomes what they are again; nothing stays nothing."""

_MADE_OF_NOTHING: tuple[tuple[int, Callable[[Any], Any]], ...] = (
    (_INDEX["days"], Buckets),
    (_INDEX["hours"], Buckets),
    (_INDEX["sendings"], Sendings),
    (_INDEX["waiting"], _all_waiting),
    (_INDEX["awaited"], _all_awaited),
    (_INDEX["responses"], Buckets),
    (_INDEX["sightings"], Sightings),
)
"""Likewise, and nothing is something, too."""
