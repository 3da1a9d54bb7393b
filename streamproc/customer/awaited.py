"""What does not happen to one order, product or message: when it began for each of them, and whether it ended.

`triggers/absence.py` asks here for the keys of an event. What ends a delay may be told before what begins it.
"""

from collections.abc import Iterable, Sequence

from streamproc.customer.state import MAX_AWAITED, Awaited
from streamproc.events.purchase import OrderPlaced

NEVER = -1


def keys_of(event: object, correlate: str) -> tuple[str, ...]:
    """The orders, products or messages that an event is about.

    >>> from streamproc.events.email import Sent
    >>> keys_of(Sent.model_construct(message_id="m1"), "message"), keys_of(Sent.model_construct(), "order")
    (('m1',), ())
    """
    if correlate == "product":
        if isinstance(event, OrderPlaced):
            return tuple(dict.fromkeys(line.sku for line in event.lines))
        found = getattr(event, "sku", None)
    else:
        found = getattr(event, f"{correlate}_id", None)
    return () if found is None else (found,)


def find(rows: Sequence[Awaited], rule: str, key: str) -> Awaited | None:
    """What is known of a rule and a key."""
    return next((row for row in rows if row.rule == rule and row.key == key), None)


def begun(rows: Sequence[Awaited], rule: str, key: str, at_ms: int) -> tuple[Awaited, ...]:
    """With a delay begun, or begun anew."""
    known = find(rows, rule, key) or Awaited(rule, key, NEVER, NEVER, has_fired=False)
    return _with(rows, known._replace(begun_ms=max(known.begun_ms, at_ms)))


def ended(rows: Sequence[Awaited], rule: str, key: str, at_ms: int) -> tuple[Awaited, ...]:
    """With what was awaited."""
    known = find(rows, rule, key) or Awaited(rule, key, NEVER, NEVER, has_fired=False)
    return _with(rows, known._replace(ended_ms=max(known.ended_ms, at_ms)))


def fired(rows: Sequence[Awaited], row: Awaited) -> tuple[Awaited, ...]:
    """With one that has fired, and does not again."""
    return _with(rows, row._replace(has_fired=True))


def running(rows: Iterable[Awaited], rule: str) -> list[Awaited]:
    """Those of a rule that wait for the end of their delay."""
    return [row for row in rows if row.rule == rule and row.is_running]


def _with(rows: Sequence[Awaited], changed: Awaited) -> tuple[Awaited, ...]:
    """What nothing was told of for longest gives way."""
    others = [row for row in rows if (row.rule, row.key) != (changed.rule, changed.key)]
    newest = sorted((*others, changed), key=lambda row: (max(row.begun_ms, row.ended_ms), row))
    return tuple(newest[-MAX_AWAITED:])


def united(one: Sequence[Awaited], two: Sequence[Awaited]) -> tuple[Awaited, ...]:
    """What is known of either of two who turn out to be one."""
    rows: tuple[Awaited, ...] = ()
    for row in (*one, *two):
        known = find(rows, row.rule, row.key) or row
        begun_ms, ended_ms = max(known.begun_ms, row.begun_ms), max(known.ended_ms, row.ended_ms)
        rows = _with(rows, Awaited(row.rule, row.key, begun_ms, ended_ms, known.has_fired or row.has_fired))
    return rows
