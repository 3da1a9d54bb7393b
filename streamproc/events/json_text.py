"""From a message's bytes to what they say as JSON, or to the reason why nobody can read them."""

import json
import re
from collections.abc import Iterable
from typing import Any

import orjson

from streamproc.events.envelopes import binary_format
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.written import written

MAX_DEPTH = 64
"""A more deeply nested message is rejected; the deepest event of ours has four levels."""

Json = dict[str, Any] | list[Any] | str | int | float | bool | None
"""What a JSON text says."""

_KEY_END = re.compile(rb'"[ \t\r\n]*:')
_BOM = b"\xef\xbb\xbf"


def checked(raw: bytes | None, most_bytes: int) -> Json | Rejected:
    """What the bytes say, if they are JSON in UTF-8 without a byte order mark, not too long and not too deep.

    In no object stands the same key twice: producers and consumers would disagree on which counts.
    """
    if not raw:
        return _nothing(raw)
    if len(raw) > most_bytes:
        return Rejected(Reason.TOO_LARGE, f"{len(raw)} bytes, at most {most_bytes}")
    try:
        tree: Json = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _unreadable(raw, error)
    keys = _count_keys(tree)
    if keys is None:
        return Rejected(Reason.TOO_DEEP, f"at most {MAX_DEPTH} levels")
    if len(_KEY_END.findall(raw)) != keys and (key := _doubled_key(raw)) is not None:
        return Rejected(Reason.DUPLICATE_KEY, key[:80])
    return tree


def as_written(raw: bytes | None, most_bytes: int) -> Json | Rejected:
    """As `checked`, with numbers that know how they were written (`Written`)."""
    said = checked(raw, most_bytes)
    if raw is None or isinstance(said, Rejected):
        return said
    tree: Json = json.loads(raw, parse_float=written)
    return tree


def _nothing(raw: bytes | None) -> Rejected:
    if raw is None:
        return Rejected(Reason.TOMBSTONE, "whoever is to be forgotten needs the event erasure_requested")
    return Rejected(Reason.EMPTY)


def _unreadable(raw: bytes, error: orjson.JSONDecodeError) -> Rejected:
    if (named := binary_format(raw)) is not None:
        return named
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


def _count_keys(tree: Json) -> int | None:
    """The keys of all objects, level by level (recursion would end the process); None if there are too many levels."""
    keys, level = 0, [tree] if isinstance(tree, dict | list) else []
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
