"""Our own format: one JSON object per message. From bytes to an event, or to the reason why not."""

import re
from collections.abc import Iterable
from typing import Any, cast

import orjson
from pydantic import ValidationError

from streamproc.events.adapters.base import NATIVE, Adapted, Headers, adapter
from streamproc.events.raw import RAW, Event
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import has_subject
from streamproc.events.tolerance import Mended, tolerated

MAX_EVENT_BYTES = 512 * 1024
"""A larger message is rejected: the customer log must be able to take it with its envelope."""

MAX_DEPTH = 64
"""A more deeply nested message is rejected; the deepest event of ours has four levels."""

_KEY_END = re.compile(rb'"[ \t\r\n]*:')
_BOM = b"\xef\xbb\xbf"


@adapter(NATIVE)
def native(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Adapted]:  # noqa: ARG001
    """The one event of a message."""
    return (read(value),)


def parse(raw: bytes | None) -> Event | SourceProgressed | Rejected:
    """Read one raw message, whatever had to be set right in it; never raises."""
    event = read(raw)
    return event.event if isinstance(event, Mended) else event


def read(raw: bytes | None) -> Adapted:
    """Read one raw message; never raises.

    The message is one JSON object in UTF-8 without a byte order mark, at most `MAX_EVENT_BYTES` long, in which no
    object has the same key twice (producers and consumers would disagree on which counts).
    """
    if not raw:
        return Rejected(Reason.EMPTY)
    if len(raw) > MAX_EVENT_BYTES:
        return Rejected(Reason.TOO_LARGE, f"{len(raw)} bytes, at most {MAX_EVENT_BYTES}")
    return _no_object(raw) or _typed(raw)


def _no_object(raw: bytes) -> Rejected | None:
    """Why the bytes are not one JSON object without doubled keys."""
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _unreadable(raw, error)
    if not isinstance(tree, dict):
        return Rejected(Reason.NOT_AN_OBJECT, type(tree).__name__)
    keys = _count_keys(tree)
    if keys is None:
        return Rejected(Reason.TOO_DEEP, f"at most {MAX_DEPTH} levels")
    if len(_KEY_END.findall(raw)) != keys and (key := _doubled_key(raw)) is not None:
        return Rejected(Reason.DUPLICATE_KEY, key[:80])
    return None


def _typed(raw: bytes) -> Adapted:
    """The event of a JSON object: as it is, else with what is odd in it set right."""
    said: Event | Mended | SourceProgressed
    try:
        said = RAW.validate_json(raw)
    except ValidationError as error:
        try:
            said = tolerated(raw, error)
        except ValidationError as left:
            return _invalid(left)
    event = said.event if isinstance(said, Mended) else said
    if not isinstance(event, SourceProgressed) and not has_subject(event):
        return Rejected(Reason.MISSING_ID, " and ".join(event.NEEDS) or "neither customer_id nor anonymous_id")
    return said


def _unreadable(raw: bytes, error: orjson.JSONDecodeError) -> Rejected:
    if raw.startswith(_BOM):
        return Rejected(Reason.BYTE_ORDER_MARK, "save the message as UTF-8 without BOM")
    message = str(error)
    if "depth limit" in message or "recursion" in message.lower():
        return Rejected(Reason.TOO_DEEP, message)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as decode_error:
        return Rejected(Reason.NOT_UTF8, f"byte {decode_error.start}")
    return Rejected(Reason.NOT_JSON, message)


def _invalid(error: ValidationError) -> Rejected:
    """The first thing that is wrong, in words that never repeat the message's own content."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    match first["type"]:
        case "union_tag_not_found":
            return Rejected(Reason.MISSING_FIELD, "type")
        case "union_tag_invalid":
            return Rejected(Reason.UNKNOWN_TYPE)
        case "missing":
            return Rejected(Reason.MISSING_FIELD, place)
        case _:
            return Rejected(Reason.WRONG_VALUE, f"{place}: {first['msg']}")


def _count_keys(tree: dict[str, Any]) -> int | None:
    """The keys of all objects, level by level (recursion would end the process); None if there are too many levels."""
    keys, level = 0, cast("list[dict[str, Any] | list[Any]]", [tree])
    for _ in range(MAX_DEPTH):
        below = []
        for node in level:
            children: Iterable[Any] = node
            if isinstance(node, dict):
                keys += len(node)
                children = node.values()
            below += [child for child in children if isinstance(child, dict | list)]
        if not below:
            return keys
        level = below
    return None


class _DoubledKeyError(ValueError):
    pass


def _doubled_key(raw: bytes) -> str | None:
    """The exact, slow look: orjson keeps the last of two equal keys silently."""
    import json  # noqa: PLC0415  only for the rare message that looks suspicious

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                raise _DoubledKeyError(key)
            seen[key] = value
        return seen

    try:
        json.loads(raw, object_pairs_hook=once)
    except _DoubledKeyError as doubled:
        return str(doubled)
    return None
