"""What others put around a message is taken off without touching it, or named with what mends it; nothing raises."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.adapters.native import parse
from streamproc.events.envelopes import unwrapped
from streamproc.events.rejected import Reason, Rejected
from tests.builders import raw

SCHEMA = {"type": "struct", "fields": [{"type": "string", "field": "event_id"}], "optional": False, "name": "page"}


def framed(content: bytes, schema_id: int = 7) -> bytes:
    return b"\0" + schema_id.to_bytes(4) + content


def connect(payload: bytes, schema: object = SCHEMA) -> bytes:
    return b'{"schema":' + orjson.dumps(schema) + b',"payload":' + payload + b"}"


def changed_row(**changes: Any) -> dict[str, Any]:
    """As Debezium's connector for PostgreSQL writes it."""
    row = {"id": 1004, "email": "anne@example.org"}
    source = {"version": "3.0.0.Final", "connector": "postgresql", "name": "shop", "table": "customers"}
    return {"before": None, "after": row, "source": source, "op": "c", "ts_ms": 1_790_000_000_000} | changes


def rejected(value: bytes | None) -> Rejected:
    found = parse(unwrapped(value))
    assert isinstance(found, Rejected)
    return found


AROUND = {
    "a registry's frame": framed(raw()),
    "a frame, and blanks": framed(b" \n" + raw()),
    "Connect with a schema": connect(raw()),
    "Connect without a schema": connect(raw(), None),
    "Connect in a frame": framed(connect(raw())),
    "the payload first": b' { "payload" : ' + raw() + b' , "schema" : {} } ',
}


@pytest.mark.parametrize("value", AROUND.values(), ids=AROUND)
def test_what_is_around_a_message_is_taken_off(value: bytes) -> None:
    assert parse(unwrapped(value)) == parse(raw())


def test_a_payload_keeps_every_digit_and_its_doubled_keys() -> None:
    payload = b'{"customer_id": 12345678901234567890123, "price": 5000000.0, "price":1}'
    assert unwrapped(connect(payload)) == payload


def test_of_two_payloads_none_is_chosen() -> None:
    assert rejected(b'{"schema":{},"payload":{},"payload":' + raw() + b"}").reason == Reason.DUPLICATE_KEY


@pytest.mark.parametrize("more", [{"schema": {}, "payload": {}, "x": 1}, {"payload": {}}, {"schema": "payload"}])
def test_what_has_other_fields_too_is_no_envelope(more: dict[str, Any]) -> None:
    value = orjson.dumps(more)
    assert unwrapped(value) == value


@pytest.mark.parametrize("content", [b"", b"\x02\x06abc\x00", b"{\x02\x01", b"\x00\x0a\x03abc", b"[]", b'"x"'])
def test_a_frame_around_what_is_no_json_object_is_named_with_its_schema_s_id(content: bytes) -> None:
    found = rejected(framed(content, schema_id=300))
    assert found.reason == Reason.BINARY_FORMAT
    assert found.detail.startswith("schema id 300 of a schema registry, and no JSON object behind it")


def test_a_framed_message_that_is_cut_off_is_no_json_rather_than_of_a_binary_format() -> None:
    assert rejected(framed(raw()[:-5])).reason == Reason.NOT_JSON


@pytest.mark.parametrize("value", [b"\0", b"\0\0\0\0"])
def test_what_is_shorter_than_a_frame_is_no_json(value: bytes) -> None:
    assert rejected(value).reason == Reason.NOT_JSON


@pytest.mark.parametrize("op", ["c", "r", "u", "d"])
@pytest.mark.parametrize("around", [bytes, connect, framed])
def test_a_changed_row_is_named_with_what_mends_it(op: str, around: Any) -> None:
    found = rejected(around(orjson.dumps(changed_row(op=op))))
    assert found.reason == Reason.CHANGE_RECORD
    assert "ExtractNewRecordState" in found.detail


def test_an_event_with_fields_of_these_names_is_an_event() -> None:
    assert parse(unwrapped(raw(op="c", after={"x": 1}, payload={"x": 1}, schema="v2"))) == parse(raw())


def test_no_value_is_a_tombstone_which_erases_nobody() -> None:
    for value in (None, connect(b"null")):
        assert rejected(value).reason == Reason.TOMBSTONE
        assert "erasure_requested" in rejected(value).detail
    assert rejected(b"").reason == Reason.EMPTY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, st.sampled_from([None, 1]), st.booleans())
def test_a_payload_comes_out_as_it_went_in(schema: object, payload: object, indent: int | None, swapped: bool) -> None:
    parts = {"schema": schema, "payload": payload}
    text = json.dumps(dict(reversed(parts.items())) if swapped else parts, indent=indent, ensure_ascii=False)
    try:
        orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return
    out = unwrapped(text.encode())
    assert (None if out is None else json.loads(out)) == payload


@given(st.binary() | st.binary().map(framed) | st.binary().map(connect))
def test_whatever_the_bytes_nothing_raises(value: bytes) -> None:
    parse(unwrapped(value))


@pytest.mark.parametrize("deep", [b"[" * 1_020 + b"]" * 1_020, b'{"a":' * 1_000 + b"1" + b"}" * 1_000])
def test_an_envelope_around_what_is_too_deep_is_too_deep(deep: bytes) -> None:
    assert rejected(connect(deep)).reason == Reason.TOO_DEEP
