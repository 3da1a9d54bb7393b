"""Dumps: the records of Kafka topics as a file that people can read, cut and send again.

A dump is JSON lines, gzipped if its name ends in `.gz`. One line is one record::

    {"topic": "shop.purchase.v1", "key": "17850", "timestamp": 1291191960000, "value": {"type": "order_placed", …}}

`timestamp` is when it was received, in epoch ms (Kafka's time of the record, or what its sender said), and `topic` the
name without the cluster's prefix. A record comes back byte for byte: `value` is an object if the message is compact
JSON, else a string with exactly the message's text, else null if it has no value; bytes that are no UTF-8 are in
`value_base64` (and `key_base64`) instead. What `streamproc dump` wrote says besides where the record stood: `topic_id`,
`partition`, `offset`; and its `headers`, if it has any. A line by hand may have headers, too, and a list as `value`.

A file whose name ends in `.parquet` holds the same in columns.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

import orjson

from streamproc.offline.dumps.record import DumpedRecord, Headers

_PLACE = ("topic_id", "partition", "offset")


def encode_line(record: DumpedRecord) -> bytes:
    """A record as its line."""
    line: dict[str, Any] = {"topic": record.topic}
    line |= {name: place for name in _PLACE if (place := getattr(record, name)) is not None}
    line |= text_or_base64("key", record.key)
    line["timestamp"] = record.timestamp
    if record.headers:
        line["headers"] = plain_headers(record.headers)
    line |= content_of(record.value)
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def plain_headers(headers: Iterable[tuple[str, bytes]]) -> list[dict[str, str | None]]:
    """Headers as a list of names with their values."""
    return [{"name": name, **text_or_base64("value", value)} for name, value in headers]


def headers_of(fields: dict[str, Any]) -> Headers:
    """The headers of a line; none if it names none.

    Raises:
        ValueError: a header's name is none, or its value is not written as a value is.
    """
    headers = tuple((head["name"], content(head, "value") or b"") for head in fields.get("headers", ()))
    if not all(isinstance(name, str) for name, _ in headers):
        raise ValueError("the `name` of a header must be a string")
    return headers


def content_of(value: bytes | None) -> dict[str, Any]:
    """A message's content under the name that says how it is written."""
    if value is not None and _is_compact_object(value):
        return {"value": orjson.Fragment(value)}
    return text_or_base64("value", value)


def _is_compact_object(value: bytes) -> bool:
    """Whether reading the value as JSON and writing it again gives the same bytes."""
    try:
        return value.startswith(b"{") and orjson.dumps(orjson.loads(value)) == value
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return False


def text_or_base64(name: str, content: bytes | None) -> dict[str, str | None]:
    """Bytes as text under this name, or in base64 under a name that says so."""
    if content is None:
        return {name: None}
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(content).decode()}


def decode_line(line: bytes) -> DumpedRecord:
    """The record of a line.

    Raises:
        ValueError: it is none.
    """
    try:
        return _decoded(line)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as `streamproc dump` writes it: {error!r}") from error


def _decoded(line: bytes) -> DumpedRecord:
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error}); a line must be one whole object") from error
    if not isinstance(fields, dict):
        raise ValueError('not an object; write {"topic": …, "key": …, "timestamp": …, "value": …}')  # noqa: TRY004
    match fields:
        case {"topic": str(topic), "timestamp": int(timestamp)} if _is_whole(timestamp):
            key, value = content(fields, "key"), content(fields, "value")
            if "offset" not in fields:
                return DumpedRecord(topic, key, timestamp, value, headers=headers_of(fields))
            return DumpedRecord(topic, key, timestamp, value, *_place(fields))
    raise ValueError("`topic` must be a string and `timestamp` a whole number of milliseconds since 1970")


def _is_whole(number: int) -> bool:
    """Whether Kafka could have it: 0 to 2^63 - 1, and JSON's true is no 1."""
    return not isinstance(number, bool) and 0 <= number < 1 << 63


def _place(fields: dict[str, Any]) -> tuple[int, int, Headers, str]:
    match fields:
        case {"partition": int(partition), "offset": int(offset), "topic_id": str(topic_id)} if _is_whole(
            partition
        ) and _is_whole(offset):
            return partition, offset, headers_of(fields), topic_id
    raise ValueError("`partition` and `offset` must be whole numbers and `topic_id` a string, or all three be left out")


def content(fields: dict[str, Any], name: str) -> bytes | None:
    """The bytes that stand under a name.

    Raises:
        ValueError: nothing does, or not as it is written here.
    """
    encoded = fields.get(f"{name}_base64")
    if isinstance(encoded, str) and name not in fields:
        return b64decode(encoded, validate=True)
    if encoded is not None or name not in fields:
        raise ValueError(f"needs either `{name}` or `{name}_base64` (a string)")
    match fields[name]:
        case None:
            return None
        case str(text):
            return text.encode()
        case dict() | list() as tree if name == "value":
            return orjson.dumps(tree)
    allowed = "an object, a list, a string or null" if name == "value" else "a string or null"
    raise ValueError(f"`{name}` must be {allowed}; put anything else into `{name}_base64`")
