import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.folds import handled
from streamproc.events.adapters.native import MAX_EVENT_BYTES, parse
from streamproc.events.base import RawEvent
from streamproc.events.money import MAX_MICROS
from streamproc.events.purchase import OrderPlaced
from streamproc.events.raw import EVENT_TYPES, FAMILIES
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.source import SourceProgressed
from tests.builders import raw


def reason_of(message: bytes | None) -> Reason | None:
    parsed = parse(message)
    return parsed.reason if isinstance(parsed, Rejected) else None


def with_text(addition: str, message: bytes | None = None) -> bytes:
    """A good message with more text in its object."""
    return (message or raw())[:-1] + b"," + addition.encode() + b"}"


def order_line(**values: Any) -> dict[str, Any]:
    return {"sku": "lamp", "quantity": 1, "unit_price": 1_000_000} | values


def raw_order(*lines: dict[str, Any], **values: Any) -> bytes:
    own = {"type": "order_placed", "order_id": "o1", "currency": "GBP", "lines": list(lines) or [order_line()]}
    return raw(**own | values)


def nested(levels: int) -> str:
    return '"x":' + "[" * levels + "]" * levels


UNUSABLE = {
    "no value": (None, Reason.TOMBSTONE),
    "no bytes": (b"", Reason.EMPTY),
    "framed by a registry": (b"\0\0\0\0\7\2\6abc", Reason.BINARY_FORMAT),
    "a changed row": (b'{"op":"d","before":{"id":1},"after":null}', Reason.CHANGE_RECORD),
    "blanks": (b"  \n", Reason.NOT_JSON),
    "not JSON": (b"{event}", Reason.NOT_JSON),
    "cut off": (raw()[:-5], Reason.NOT_JSON),
    "two messages": (raw() + raw(), Reason.NOT_JSON),
    "not UTF-8": (b'{"event_id":"\xff"}', Reason.NOT_UTF8),
    "UTF-16": (raw().decode().encode("utf-16"), Reason.NOT_UTF8),
    "half a surrogate pair in UTF-8": (b'{"event_id":"\xed\xa0\x80"}', Reason.NOT_UTF8),
    "half an escaped surrogate pair": (raw(url="\ud800"), Reason.NOT_JSON),
    "byte order mark": (b"\xef\xbb\xbf" + raw(), Reason.BYTE_ORDER_MARK),
    "a list": (b"[]", Reason.NOT_AN_OBJECT),
    "a string": (b'"x"', Reason.NOT_AN_OBJECT),
    "a number": (b"123", Reason.NOT_AN_OBJECT),
    "null as JSON": (b"null", Reason.NOT_AN_OBJECT),
    "not a number": (with_text('"price":NaN'), Reason.NOT_JSON),
    "infinity": (with_text('"price":1e999'), Reason.NOT_JSON),
    "number of 5,000 digits": (with_text('"price":' + "9" * 5000), Reason.NOT_JSON),
    "doubled key": (with_text('"type":"searched"'), Reason.DUPLICATE_KEY),
    "doubled key, nested": (with_text('"x":{"y":[{"a":1,"b":2,"a":3}]}'), Reason.DUPLICATE_KEY),
    "doubled key, blanks before the colon": (with_text('"type" \t\n :"page_viewed"'), Reason.DUPLICATE_KEY),
    "doubled key, one of them escaped": (with_text('"url":"a","\\u0075rl":"b"'), Reason.DUPLICATE_KEY),
    "doubled key and a value that looks like a key": (with_text('"url":"\\":","url":"b"'), Reason.DUPLICATE_KEY),
    "3,000 levels": (with_text(nested(3000)), Reason.TOO_DEEP),
    "as deep as the JSON reader goes": (with_text(nested(1020)), Reason.TOO_DEEP),
    "deeper than events are": (with_text(nested(100)), Reason.TOO_DEEP),
    "900 objects in each other": (with_text('"x":' + '{"a":' * 900 + "1" + "}" * 900), Reason.TOO_DEEP),
    "900 kB": (raw(url="x" * 900_000), Reason.TOO_LARGE),
    "no type": (raw(type=None), Reason.MISSING_FIELD),
    "no event id": (raw(event_id=None), Reason.MISSING_FIELD),
    "no time": (raw(occurred_at=None), Reason.MISSING_FIELD),
    "an order without lines": (raw_order(lines=None), Reason.MISSING_FIELD),
    "nobody's": (raw(customer_id=None), Reason.MISSING_ID),
    "unknown type": (raw(type="page_eaten"), Reason.UNKNOWN_TYPE),
    "a type that is no text": (raw(type=7), Reason.UNKNOWN_TYPE),
    "our own records": (raw(type="mark"), Reason.UNKNOWN_TYPE),
    "empty event id": (raw(event_id=""), Reason.WRONG_VALUE),
    "NUL in an id": (raw(customer_id="a\x00b"), Reason.WRONG_VALUE),
    "line end in an id": (raw(customer_id="a\nda"), Reason.WRONG_VALUE),
    "long id": (raw(customer_id="a" * 129), Reason.WRONG_VALUE),
    "naive time": (raw(occurred_at="2024-05-01T12:00:00"), Reason.WRONG_VALUE),
    "number as time": (raw(occurred_at=1714564800), Reason.WRONG_VALUE),
    "true as quantity": (raw(type="cart_added", sku="lamp", quantity=True), Reason.WRONG_VALUE),
    "less than nothing of it": (raw(type="cart_added", sku="lamp", quantity=-1), Reason.WRONG_VALUE),
    "currency that is none": (raw_order(currency="pounds"), Reason.WRONG_VALUE),
    "negative amount": (raw(type="order_refunded", order_id="o", currency="GBP", amount=-1), Reason.WRONG_VALUE),
    "order without a line": (raw_order(lines=[]), Reason.WRONG_VALUE),
    "order of 2,001 lines": (raw_order(*[order_line()] * 2001), Reason.WRONG_VALUE),
    "order above the bound": (
        raw_order(order_line(unit_price=MAX_MICROS), order_line(unit_price=1)),
        Reason.WRONG_VALUE,
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_can_never_be_processed_is_rejected_with_its_reason(case: str) -> None:
    message, reason = UNUSABLE[case]
    assert reason_of(message) == reason


def test_every_reason_of_parsing_has_an_example_here() -> None:
    assert {reason for _, reason in UNUSABLE.values()} == set(Reason) - {
        Reason.TIME_OUT_OF_RANGE,
        Reason.UNREADABLE_RECORD,
        Reason.WRONG_TOPIC,
        Reason.UNKNOWN_ADAPTER,
        Reason.CONFLICTING_REPEAT,
    }


@pytest.mark.parametrize("name", ["ada", "😀", "مستخدم", "a b", "~", "a" * 128, "李"])
def test_any_printable_id_is_taken_as_it_is(name: str) -> None:
    event = parse(raw(customer_id=name))
    assert isinstance(event, RawEvent)
    assert event.customer_id == name


def test_an_anonymous_visitor_needs_no_customer_id() -> None:
    assert reason_of(raw(customer_id=None, anonymous_id="visitor")) is None


def test_a_guest_order_needs_nobody() -> None:
    assert reason_of(raw_order(customer_id=None)) is None


def test_a_value_that_looks_like_a_key_is_no_doubled_key() -> None:
    assert reason_of(raw(url='a":', referrer='"url":')) is None


def test_the_same_key_in_two_objects_is_no_doubled_key() -> None:
    assert reason_of(raw_order(order_line(), order_line())) is None


def test_unknown_fields_are_dropped() -> None:
    event = parse(raw(password="secret", nested={"a": [1, {"b": 2}]}))
    assert isinstance(event, RawEvent)
    assert "secret" not in repr(event)


def test_the_largest_message_is_taken_and_one_byte_more_is_not() -> None:
    padding = MAX_EVENT_BYTES - len(raw(other="x"))
    assert reason_of(raw(other="x" + "y" * padding)) is None
    assert reason_of(raw(other="xx" + "y" * padding)) == Reason.TOO_LARGE


def test_an_order_at_the_bound_is_taken() -> None:
    assert reason_of(raw_order(order_line(unit_price=MAX_MICROS))) is None


def test_the_discount_is_taken_off_the_order() -> None:
    event = parse(raw_order(order_line(quantity=3, discount=500_000), order_line(sku="rug")))
    assert isinstance(event, OrderPlaced)
    assert event.amount == 3_500_000


def test_times_of_any_zone_are_one_moment() -> None:
    here, there = parse(raw()), parse(raw(occurred_at="2024-05-01T14:00:00+02:00"))
    assert isinstance(here, RawEvent)
    assert isinstance(there, RawEvent)
    assert here.occurred_at == there.occurred_at


def test_punctuation_is_for_nobody() -> None:
    message = b'{"type":"source_progressed","through":"2024-05-01T12:00:00Z"}'
    assert isinstance(parse(message), SourceProgressed)


def test_a_rejection_does_not_repeat_what_the_message_says() -> None:
    rejected = parse(raw(customer_id="ada@example.org\x00", type="page_viewed"))
    assert isinstance(rejected, Rejected)
    assert "example.org" not in rejected.detail
    assert rejected.detail.startswith("customer_id: ")


def test_every_event_is_in_the_union_and_in_one_family() -> None:
    def leaves(cls: type[RawEvent]) -> set[type[RawEvent]]:
        return {leaf for below in cls.__subclasses__() for leaf in leaves(below)} or {cls}

    known = [cls for family in FAMILIES.values() for cls in family]
    assert leaves(RawEvent) == set(known)
    assert len(known) == len(set(known)) == len(EVENT_TYPES)


def test_every_event_of_somebody_has_a_fold() -> None:
    assert handled() == frozenset(EVENT_TYPES.values()) - frozenset(FAMILIES["catalogue"])


def test_every_event_s_type_is_its_own_name() -> None:
    for name, cls in EVENT_TYPES.items():
        assert cls.__name__.lower() == name.replace("_", "")


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({name for cls in EVENT_TYPES.values() for name in cls.model_fields})


@settings(deadline=None)
@given(st.binary())
def test_no_bytes_make_parsing_raise(message: bytes) -> None:
    assert isinstance(parse(message), Rejected)


@settings(deadline=None)
@given(json_values, st.text(alphabet='[]{}":,a \\', max_size=40))
def test_no_json_makes_parsing_raise(value: object, noise: str) -> None:
    parse(json.dumps(value).encode())
    parse(noise.encode())


@settings(deadline=None)
@given(st.sampled_from(sorted(EVENT_TYPES)), st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4))
def test_no_field_makes_parsing_raise(event_type: str, values: dict[str, Any]) -> None:
    parse(json.dumps({**json.loads(raw(type=event_type)), **values}).encode())


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), json_values, max_size=4), st.sampled_from(["", " ", "\n\t"]))
def test_unique_keys_are_never_called_doubled(values: dict[str, Any], blank: str) -> None:
    message = json.dumps(values, separators=(",", blank + ":"), allow_nan=False) if _is_finite(values) else "{}"
    assert reason_of(message.encode(errors="replace")) != Reason.DUPLICATE_KEY


def _is_finite(values: object) -> bool:
    try:
        json.dumps(values, allow_nan=False)
    except ValueError:
        return False
    return True
