"""What rows say, as one event with an id that is the same in every import of them."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import orjson

from streamproc.events.adapters.native import parse
from streamproc.events.log import encode_event
from streamproc.events.profile import TAG_CHANGED
from streamproc.events.purchase import ORDER_PLACED
from streamproc.events.rejected import Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import subject_of
from streamproc.events.times import epoch_ms
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.mapping import Mapping as TableMapping
from streamproc.offline.tables.row_reader import Said

LONGEST_ID = 128

OWN_IDS = ("event_id", "refund_id")
"""Fields in which a table may name what happened itself."""


def own_id(said: Said) -> str | None:
    """What the table itself calls the event, if it does."""
    return next((str(said.fields[name]) for name in OWN_IDS if name in said.fields), None)


def event_of(mapping: TableMapping, said: Sequence[Said], key: str) -> DumpedRecord:
    """The event of its rows, checked as collect checks it; `key` tells it apart from the others of its order or table.

    Raises:
        BadRowError: the rows contradict each other, or the event is not valid.
    """
    rule = mapping.event[said[0].rule]
    values = _agreed([row.fields for row in said])
    values |= {
        "type": rule.type,
        "event_id": _id(mapping, rule.type, values, key),
        "occurred_at": min(row.at for row in said),
        "source": mapping.name,
    }
    if rule.type == TAG_CHANGED:
        values.setdefault("by", "import")
    if said[0].lines is not None:
        values["lines"] = [line for row in said for line in row.lines or ()]
        if rule.type != ORDER_PLACED:
            values.setdefault("amount", sum(map(_amount, values["lines"])))
    event = parse(orjson.dumps(values))
    if isinstance(event, Rejected):
        raise BadRowError("event", f"{event.reason}: {event.detail}")
    if isinstance(event, SourceProgressed):
        raise BadRowError("event", "not an event")
    if len(getattr(event, "lines", ())) < len(values.get("lines", ())):
        raise BadRowError("event", "wrong_value: nobody can buy as many as a row says, or at such a price")
    return DumpedRecord(rule.topic, subject_of(event).id.encode(), epoch_ms(event.occurred_at), encode_event(event))


def _id(mapping: TableMapping, type_: str, values: Mapping[str, Any], key: str) -> str:
    """The mapping's name, the order, and which of its events; a very long one is hashed.

    A document of its own, such as a credit note with its own number, is named once.
    """
    if type_ == ORDER_PLACED:
        parts = [mapping.name, values.get("event_id") or values["order_id"]]
    elif "order_id" in values:
        parts = [mapping.name, values["order_id"], type_.removeprefix("order_"), *[key] * (key != values["order_id"])]
    else:
        parts = [mapping.name, key]
    whole = "-".join(parts)
    return (
        whole if len(whole) <= LONGEST_ID else f"{mapping.name}-{blake2b(whole.encode(), digest_size=10).hexdigest()}"
    )


def _amount(line: Mapping[str, Any]) -> int:
    return int(line["quantity"] * line["unit_price"] - line.get("discount", 0))


def _agreed(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields that all rows of an event share; an empty cell agrees with everything."""
    found: dict[str, Any] = {}
    for key, value in (item for row in rows for item in row.items()):
        if found.setdefault(key, value) != value:
            raise BadRowError(f"fields.{key}", "the rows of this order say different things")
    return found
