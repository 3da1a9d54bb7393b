"""JSON with whole numbers of any size: sums of micros can exceed the 64 bits that orjson knows."""

import json
from dataclasses import asdict
from typing import Any

import orjson


def to_json(value: object) -> bytes:
    """Compact JSON of plain values, or of a dataclass.

    >>> to_json({"sum": 10**20}), to_json({"sum": 1})
    (b'{"sum":100000000000000000000}', b'{"sum":1}')
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=asdict).encode()


def read_series(raw: bytes) -> dict[str, Any]:
    """A message, whose `series`, if it has any, are whole numbers: of those that it does not know orjson makes floats.

    >>> read_series(b'{"series":{"revenue":100000000000000000001}}')
    {'series': {'revenue': 100000000000000000001}}
    """
    message: dict[str, Any] = orjson.loads(raw)
    if float in map(type, message.get("series", {}).values()):
        message = json.loads(raw)
    return message
