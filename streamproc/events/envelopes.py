"""What serializers and connectors of others put around a message, told by its name.

Whose producer goes through a schema registry or Kafka Connect sends more than the message. What is around JSON is
taken off, for every format (`events/adapters/`); what holds no JSON, or a changed row of a table and no event, is
named, so that the dead letter says which setting of the producer mends it.

Sources: Confluent's wire format, https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/;
Connect's JsonConverter with `schemas.enable`; https://debezium.io/documentation/reference/transformations/event-flattening.html
"""

import re
from collections.abc import Iterator, Mapping
from json import JSONDecoder

import orjson

from streamproc.events.rejected import Reason, Rejected

_MAGIC = b"\0"
_FRAME_BYTES = 5
"""The magic byte and the schema's id, four bytes."""

_CONNECT = {"schema", "payload"}
_JSON_OBJECT = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*["}]')
_WRAPPED = re.compile(rb'\0|[ \t\r\n]*\{[ \t\r\n]*"(?:schema|payload)"')
"""How a frame or an envelope begins."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_next_value = JSONDecoder(parse_int=str, parse_float=str).raw_decode


def unwrapped(value: bytes | None) -> bytes | None:
    r"""The message itself, byte for byte as its producer wrote it; what has nothing around it is returned as it is.

    >>> unwrapped(b'\0\0\0\0\x07{"id": 1}'), unwrapped(b'{"schema": null, "payload": {"id": 1.0}}')
    (b'{"id": 1}', b'{"id": 1.0}')
    """
    if value is None or not _WRAPPED.match(value):
        return value
    if value.startswith(_MAGIC) and _JSON_OBJECT.match(value, _FRAME_BYTES):
        value = value[_FRAME_BYTES:]
    return _payload(value) if _WRAPPED.match(value) else value


def binary_format(value: bytes) -> Rejected | None:
    """What to do about a message that a registry's serializer framed, and that is no JSON object within."""
    if not value.startswith(_MAGIC) or len(value) < _FRAME_BYTES or _JSON_OBJECT.match(value, _FRAME_BYTES):
        return None
    schema_id = int.from_bytes(value[1:_FRAME_BYTES])
    return Rejected(
        Reason.BINARY_FORMAT,
        f"schema id {schema_id} of a schema registry, and no JSON object behind it (Avro? Protobuf?): send JSON, with "
        "the JSON Schema serializer or JsonConverter",
    )


def change_record(tree: Mapping[str, object]) -> Rejected | None:
    """What to do about a record of a changed row, as Debezium writes them; it is no event."""
    if "type" in tree or "op" not in tree or not tree.keys() & {"before", "after"}:
        return None
    return Rejected(
        Reason.CHANGE_RECORD,
        "Debezium's record of a changed row: let the connector send the row alone (transform ExtractNewRecordState), "
        "with the fields of an event",
    )


def _payload(value: bytes) -> bytes | None:
    """The payload of a Connect envelope; None if that is null, the value as it is if it is no envelope."""
    try:
        tree = orjson.loads(value)
        if not isinstance(tree, dict) or tree.keys() != _CONNECT:
            return value
        members = list(_members(value.decode()))
    except (orjson.JSONDecodeError, RecursionError):
        return value
    if len(members) > len(_CONNECT):
        return value  # a key is there twice, and nobody knows which counts
    return None if tree["payload"] is None else dict(members)["payload"].encode()


def _members(text: str) -> Iterator[tuple[str, str]]:
    """Names and values of a JSON object as they are written: a number goes through no float."""
    at = text.index("{")
    while text[at] != "}":
        name, at = _next_value(text, _behind_blanks(text, at + 1))
        begin = _behind_blanks(text, _behind_blanks(text, at) + 1)
        _, end = _next_value(text, begin)
        yield name, text[begin:end]
        at = _behind_blanks(text, end)


def _behind_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()
