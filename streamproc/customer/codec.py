"""A customer's state as bytes and back.

Layout: one byte of version, eight bytes with the next timer (epoch ms, big endian, the largest value if there is
none; so that timers can be found without decoding the rest), then a JSON array of the fields in their order.
A new version appends fields and changes none (docs/adr/0007-state-versions.md): then the release before it reads it
too, and keeps what it does not know. Older versions are read for ever: keep golden bytes of each in the tests.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

import orjson

from streamproc.customer.cart import CartAct, CartActs, Line
from streamproc.customer.ledger.table import Ledger
from streamproc.customer.messages.table import Messages
from streamproc.customer.reach import Reach
from streamproc.customer.recent_ids import DayOfIds, RecentIds
from streamproc.customer.state import (
    FIELDS,
    Claim,
    Consent,
    Customer,
    Fired,
    LastScore,
    Question,
    Session,
)
from streamproc.customer.windows import Buckets, Row
from streamproc.events.versions import NewerVersionError

VERSION = 1
READS_UP_TO = VERSION + 1
NO_TIMER = 2**63 - 1
_HEAD = struct.Struct(">Bq")
_INDEX = {name: position for position, name in enumerate(FIELDS)}
_IN_ROWS = ("days", "hours", "messages", "ledger")
"""Fields that stay in the rows in which they are encoded."""
_VALUES = attrgetter(*(f"{name}.rows" if name in _IN_ROWS else name for name in FIELDS))
N = TypeVar("N", bound=tuple[Any, ...])


def encode(customer: Customer) -> bytes:
    """The canonical bytes of a state."""
    due = customer.next_due_ms
    values = list(_VALUES(customer))
    for place, plain in _PLAIN:
        if value := values[place]:
            values[place] = plain(value)
    version = VERSION
    if customer.later:
        version = READS_UP_TO
        values += customer.later
    return _HEAD.pack(version, NO_TIMER if due is None else due) + orjson.dumps(values)


def next_due(raw: bytes) -> int | None:
    """When the first timer of an encoded state runs out, without decoding the state.

    Raises:
        NewerVersionError: as `decode`.
    """
    version, due = _HEAD.unpack_from(raw)
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
    values: list[Any] = orjson.loads(memoryview(raw)[_HEAD.size :])
    later = tuple(values[len(FIELDS) :])
    del values[len(FIELDS) :]
    for place, made in _MADE:
        if value := values[place]:
            values[place] = made(value)
    for place, made in _MADE_OF_NOTHING:
        values[place] = made(values[place])
    customer = Customer(*values)
    customer.later = later
    return customer


def _rows(named: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Named tuples as tuples: orjson would ask for each of them what it is."""
    return list(map(tuple, named))


def _runs(questions: Iterable[Question]) -> list[tuple[Any, ...]]:
    """Most questions were asked by the same version as the one before them: what they share is said once."""
    runs: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    shared: tuple[Any, ...] = ()
    for model, asked_ms, due_ms, features, feature_set, score, version in questions:
        if shared != (shared := (model, feature_set, version)):
            rows = []
            runs.append((*shared, rows))
        rows += ((asked_ms, due_ms - asked_ms, features, score),)
    return runs


def _acts(acts: CartActs) -> list[tuple[Any, ...]]:
    """Most are no orders: then what only orders have is left out."""
    return [(*act[:3], _rows(act.lines), *(act[4:] if act.order else ())) for act in acts]


def _act(row: list[Any]) -> CartAct:
    lines = tuple(Line(sku, quantity, tuple(names)) for sku, quantity, names in row[3])
    order, names, *told = row[4:] or (0, ())
    return CartAct(row[0], row[1], row[2], lines, order, tuple(names), *told)


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
        (("questions",), _runs),
        (("recent_ids",), _days_of_ids),
        (("consents", "fired", "scores", "reach", "claims"), _entries),
        (("consents_else",), _entries_or_none),
        (("session",), tuple),
        (("cart_acts",), _acts),
        (("counts",), _rows_by_key),
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


_consent, _day_of_ids, _question = _maker(Consent), _maker(DayOfIds), _maker(Question)


def _words_else(rows: dict[str, Any]) -> dict[str, Consent | None]:
    return {key: None if row is None else _consent(row) for key, row in rows.items()}


def _reaches(rows: dict[str, Any]) -> dict[str, Reach]:
    return {
        key: Reach(hard, well, tuple(soft), tuple(map(tuple, addresses)))
        for key, (hard, well, soft, addresses) in rows.items()
    }


def _recent_ids(known: dict[str, Any]) -> dict[str, RecentIds]:
    return {family: tuple(map(_day_of_ids, days)) for family, days in known.items()}


def _questions(runs: list[Any]) -> tuple[Question, ...]:
    return tuple([
        _question((model, asked_ms, asked_ms + horizon_ms, features, feature_set, score, version))
        for model, feature_set, version, rows in runs
        for asked_ms, horizon_ms, features, score in rows
    ])  # fmt: skip


def _counts(known: dict[str, Any]) -> dict[str, Buckets]:
    return {key: Buckets(rows) for key, rows in known.items()}


_MADE: tuple[tuple[int, Callable[[Any], Any]], ...] = tuple(
    (_INDEX[name], made)
    for name, made in (
        ("consents", _entry_maker(Consent)),
        ("consents_else", _words_else),
        ("fired", _entry_maker(Fired)),
        ("scores", _entry_maker(LastScore)),
        ("claims", _entry_maker(Claim)),
        ("reach", _reaches),
        ("recent_ids", _recent_ids),
        ("session", _maker(Session)),
        ("counts", _counts),
    )
)
"""What JSON makes of fields becomes what they are again; nothing stays nothing."""

_MADE_OF_NOTHING: tuple[tuple[int, Callable[[Any], Any]], ...] = tuple(
    (_INDEX[name], made)
    for name, made in (
        ("days", Buckets),
        ("hours", Buckets),
        ("messages", Messages),
        ("questions", _questions),
        ("ledger", Ledger),
        ("cart_acts", lambda rows: tuple([_act(row) for row in rows])),
    )
)
"""Likewise, and nothing is something, too."""
