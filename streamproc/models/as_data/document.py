"""Data as JSON, bounded: what is too long or too deep is refused before anything is made of it."""

from itertools import chain
from typing import Any

import orjson

from streamproc.models.as_data.known import know_kinds
from streamproc.models.as_data.shapes import Fields
from streamproc.models.snapshot_error import SnapshotError

MAX_BYTES = 3 << 20
"""Below what the topics take in one record (`max.message.bytes`, 4 MiB)."""
MAX_DEPTH = 32


def written(shape: Fields, values: dict[str, Any]) -> bytes:
    """The values as JSON; floats are written so that they are read again to the last bit."""
    know_kinds()
    return orjson.dumps(shape.to_data(values))


def read(shape: Fields, document: bytes) -> dict[str, Any]:
    """The values of JSON.

    Raises:
        SnapshotError: it is too long or too deep, is no JSON, or has another shape.
    """
    if len(document) > MAX_BYTES:
        raise SnapshotError(f"it has {len(document)} bytes; {MAX_BYTES} are allowed")
    try:
        data = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise SnapshotError(f"it is no JSON: {error}") from error
    _require_shallow(data)
    know_kinds()
    return shape.from_data(data, "")


def _require_shallow(data: object) -> None:
    level = [data]
    for _ in range(MAX_DEPTH):
        level = list(chain.from_iterable(map(_inside, level)))
        if not level:
            return
    raise SnapshotError(f"it is nested more than {MAX_DEPTH} deep")


def _inside(data: object) -> list[object]:
    if isinstance(data, dict):
        return list(data.values())
    return data if isinstance(data, list) else []
