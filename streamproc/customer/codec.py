"""A customer's state as bytes and back.

Layout: one byte of version, eight bytes with the next timer (epoch ms, big endian, the largest value if there is
none; so that timers can be found without decoding the rest), then a JSON array of the fields in their order.
A new version appends fields and changes none (docs/adr/0007-state-versions.md): then the release before it reads it
too, and keeps what it does not know. Older versions are read for ever: keep golden bytes of each in the tests.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import orjson

from streamproc.customer.cart import CartAct, CartActs, Line
from streamproc.customer.ledger.record import OrderRecord, Return
from streamproc.customer.ledger.table import Ledger
from streamproc.customer.messages.record import Message, Told
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
_ACTIONS = 16
"""Room for so many `Action`s in the number that says what happened to a message, and when."""
_HEAD = struct.Struct(">Bq")
_INDEX = {name: position for position, name in enumerate(FIELDS)}
_VALUES = attrgetter(*FIELDS)


def encode(customer: Customer) -> bytes:
    """The canonical bytes of a state."""
    due = customer.next_due_ms
    values = list(_VALUES(customer))
    for place, plain in _PLAIN:
        values[place] = plain(values[place])
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
    customer = _from_v1(values[: len(FIELDS)])
    customer.later = later
    return customer


def _rows(named: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Named tuples as tuples: orjson would ask for each of them what it is."""
    return list(map(tuple, named))


def _orders(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Most orders are told once, at their own time, and have no returns: then a 0 and nothing stand for that."""
    return [
        (record.digest, record.at_ms, None if record.told_ms is None else record.told_ms - record.at_ms, *record[3:-1])
        + ((_rows(record.returns),) if record.returns else ())
        for record in ledger
    ]


def _order(row: list[Any]) -> OrderRecord:
    if isinstance(row[-1], list):
        row[-1] = tuple(Return(*each) for each in row[-1])
    if row[2] is not None:
        row[2] += row[1]
    return OrderRecord(*row)


def _acts(acts: CartActs) -> list[tuple[Any, ...]]:
    """Most are no orders: then what only orders have is left out."""
    return [(*act[:3], _rows(act.lines), *(act[4:] if act.order else ())) for act in acts]


def _act(row: list[Any]) -> CartAct:
    lines = tuple(Line(sku, quantity, tuple(names)) for sku, quantity, names in row[3])
    order, names, *told = row[4:] or (0, ())
    return CartAct(row[0], row[1], row[2], lines, order, tuple(names), *told)


def _messages(messages: Messages) -> list[tuple[Any, ...]]:
    """Most of what is told says no more than what happened when: then one number stands for that."""
    return [
        (message.digest, message.gone, first, *(_told(told, first) for told in message.told))
        for message in messages
        for first in (message.told[0].at_ms,)
    ]


def _told(told: Told, first_ms: int) -> int | tuple[int, ...]:
    when = (told.at_ms - first_ms) * _ACTIONS + told.action
    said: tuple[int, ...] = told[2:]
    while said and not said[-1]:
        said = said[:-1]
    return (when, *said) if said else when


def _message(row: list[Any]) -> Message:
    digest, gone, first, *told = row
    rows = (each if isinstance(each, list) else [each] for each in told)
    return Message(digest, tuple(Told(first + when // _ACTIONS, when % _ACTIONS, *said) for when, *said in rows), gone)


def _days_of_ids(known: Mapping[str, RecentIds]) -> dict[str, list[tuple[Any, ...]]]:
    return {family: _rows(days) for family, days in known.items()}


def _entries(named: Mapping[str, tuple[Any, ...] | None]) -> dict[str, tuple[Any, ...] | None]:
    return {key: _row(entry) for key, entry in named.items()}


def _rows_by_key(counts: Mapping[str, Buckets]) -> dict[str, Sequence[Row]]:
    return {key: buckets.rows for key, buckets in counts.items()}


def _row(named: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if named is None else tuple(named)


_PLAIN: tuple[tuple[int, Callable[[Any], Any]], ...] = tuple(
    (_INDEX[name], plain)
    for names, plain in (
        (("days", "hours"), attrgetter("rows")),
        (("messages",), _messages),
        (("questions",), _rows),
        (("ledger",), _orders),
        (("recent_ids",), _days_of_ids),
        (("consents", "consents_else", "fired", "scores", "reach", "claims"), _entries),
        (("session",), _row),
        (("cart_acts",), _acts),
        (("counts",), _rows_by_key),
    )
    for name in names
)
"""What becomes of the fields that JSON does not know."""


def _from_v1(values: list[Any]) -> Customer:
    at = _INDEX
    for name in ("days", "hours"):
        values[at[name]] = Buckets(values[at[name]])
    values[at["messages"]] = tuple(_message(row) for row in values[at["messages"]])
    values[at["ledger"]] = tuple(_order(row) for row in values[at["ledger"]])
    for name, entry in (("consents", Consent), ("fired", Fired), ("scores", LastScore), ("claims", Claim)):
        values[at[name]] = {key: entry(*row) for key, row in values[at[name]].items()}
    values[at["consents_else"]] = {
        key: None if row is None else Consent(*row) for key, row in values[at["consents_else"]].items()
    }
    values[at["reach"]] = {
        key: Reach(hard, well, tuple(soft), tuple(map(tuple, addresses)))
        for key, (hard, well, soft, addresses) in values[at["reach"]].items()
    }
    values[at["cart_acts"]] = tuple(_act(row) for row in values[at["cart_acts"]])
    values[at["recent_ids"]] = {
        family: tuple(DayOfIds(*row) for row in days) for family, days in values[at["recent_ids"]].items()
    }
    for name, single in (("session", Session),):
        row = values[at[name]]
        values[at[name]] = None if row is None else single(*row)
    values[at["questions"]] = tuple(Question(q[0], q[1], q[2], tuple(q[3]), *q[4:]) for q in values[at["questions"]])
    values[at["counts"]] = {key: Buckets(rows) for key, rows in values[at["counts"]].items()}
    return Customer(*values)
