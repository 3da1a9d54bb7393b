"""A field that nobody needs never costs the event; one that it hangs on is named."""

import json  # whole numbers beyond 64 bits
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.events.adapters.native import parse, read
from streamproc.events.log import encode_event
from streamproc.events.profile import Identified
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.tolerance import Mended, is_needed
from tests.builders import raw

EXAMPLES = Path(__file__).parents[2] / "topics" / "examples"
finite = st.floats(allow_nan=False, allow_infinity=False)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
).filter(lambda value: "\\ud" not in ascii(value))


def example(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return tree | {"event_id": "e1", "customer_id": "ada"}


def said(tree: dict[str, Any]) -> dict[str, Any]:
    """The event that is made of a message, as it goes into the log."""
    event = parse(dumped(tree))
    assert not isinstance(event, Rejected), event
    logged: dict[str, Any] = orjson.loads(encode_event(event))
    return logged


def dumped(tree: dict[str, Any]) -> bytes:

    return json.dumps(tree).encode()


def mended(**values: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    event = read(raw(**values))
    assert isinstance(event, Mended)
    return orjson.loads(encode_event(event.event)), event.fields


OPTIONAL = [(name, field) for name, cls in EVENT_TYPES.items() for field in cls.model_fields
            if field != "type" and not is_needed(cls, field)]  # fmt: skip
NEEDED = [(name, field) for name, cls in EVENT_TYPES.items() for field in cls.model_fields
          if field not in ("type", "lines") and cls.model_fields[field].is_required()]  # fmt: skip


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(st.sampled_from(OPTIONAL), json_values)
def test_no_damage_to_a_field_that_nobody_needs_costs_the_event_or_changes_another(
    place: tuple[str, str], value: object
) -> None:
    name, field = place
    if field == "sent_at" and isinstance(value, str):
        return
    whole = said(example(name))
    damaged = said(example(name) | {field: value})
    assert {key: each for key, each in damaged.items() if key != field} == {
        key: each for key, each in whole.items() if key != field
    }


@pytest.mark.parametrize(("name", "field"), NEEDED)
@pytest.mark.parametrize("value", [None, {"a": 1}, ["x"], "\x00"])
def test_damage_to_a_needed_field_is_a_dead_letter_that_names_it(name: str, field: str, value: object) -> None:
    letter = parse(dumped(example(name) | {field: value}))
    assert isinstance(letter, Rejected)
    assert letter.detail.split(":")[0] == field


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("url", "https://shop.example/" + "x" * 4000, ("https://shop.example/" + "x" * 4000)[:2048]),
        ("utm_campaign", "x" * 300, "x" * 256),
        ("utm_campaign", " spring ", "spring"),
        ("utm_campaign", 2026, "2026"),
        ("utm_campaign", 1.50, "1.5"),
        ("utm_campaign", True, "true"),
        ("utm_campaign", "", None),
        ("device", {"type": "mobile"}, None),
        ("locale", ["en"], None),
    ],
)
def test_a_text_is_cut_made_of_a_number_or_left_out(field: str, value: object, kept: str | None) -> None:
    assert said(orjson.loads(raw(**{field: value}))).get(field) == kept


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("currency", " gbp", "GBP"),
        ("currency", "", None),
        ("currency", "pounds", None),
        ("quantity", "2", 2),
        ("quantity", 2.0, 2),
        ("quantity", 1.5, 2),
        ("unit_price", 5_000_000.0, 5_000_000),
        ("unit_price", "5000000", 5_000_000),
        ("unit_price", "5.00", None),
        ("unit_price", 19.99, None),
        ("unit_price", -1, None),
        ("cart_id", 17, "17"),
        ("cart_id", "x" * 129, None),
        ("sku", 4711, "4711"),
    ],
)
def test_what_is_clear_is_set_right_and_the_rest_left_out(field: str, value: object, kept: object) -> None:
    said_, fields = mended(**{"type": "cart_added", "sku": "lamp", field: value})
    assert (said_.get(field), fields) == (kept, (field,))


@pytest.mark.parametrize(
    ("number", "name"),
    [("12", "12"), ("9007199254740993", "9007199254740993"), ("18446744073709551617", "18446744073709551617"),
     ("9007199254740993.0", "9007199254740993"), ("17850.0", "17850")],
)  # fmt: skip
def test_a_number_as_an_id_is_its_decimal_text(number: str, name: str) -> None:
    event = parse(raw(customer_id="X").replace(b'"X"', number.encode()))
    assert not isinstance(event, Rejected)
    assert orjson.loads(encode_event(event))["customer_id"] == name


@pytest.mark.parametrize("nobody", ["", "  ", None])
def test_an_empty_id_is_none(nobody: str | None) -> None:
    letter = parse(dumped(orjson.loads(raw()) | {"customer_id": nobody}))
    assert isinstance(letter, Rejected)
    assert letter.reason == Reason.MISSING_ID
    assert said(orjson.loads(raw(anonymous_id="v1")) | {"customer_id": nobody})["anonymous_id"] == "v1"


@pytest.mark.parametrize("type_", ["unsubscribed", "complained"])
def test_a_refusal_needs_nothing_but_the_person(type_: str) -> None:
    assert said(orjson.loads(raw(type=type_, campaign_id=77, url=5)))["channel"] == "email"


@pytest.mark.parametrize("type_", ["bounced", "deferred", "dropped"])
def test_what_did_not_arrive_needs_no_message(type_: str) -> None:
    assert "message_id" not in said(orjson.loads(raw(type=type_, message_id="")))


def test_a_message_s_id_may_be_as_long_as_those_of_mails() -> None:
    long = f"<{'x' * 500}@mail.example.org>"
    assert said(orjson.loads(raw(type="sent", message_id=long)))["message_id"] == long


@pytest.mark.parametrize(("granted", "meant"), [("false", False), (0, False), (" No ", False), ("true", True)])
def test_a_consent_is_understood_however_it_is_written(granted: object, meant: object) -> None:
    assert said(orjson.loads(raw(type="consent_changed", channel=" Email ", granted=granted)))["granted"] is meant


def test_a_consent_for_a_channel_that_is_none_is_a_dead_letter() -> None:
    letter = parse(raw(type="consent_changed", channel="pigeon", granted=False))
    assert isinstance(letter, Rejected)
    assert letter.detail.startswith("channel: ")


def test_nested_traits_are_flattened_and_what_cannot_be_kept_is_left_out() -> None:
    traits = {
        "address": {"city": "Wien", "geo": {"lat": 48.2}},
        "tags": ["a"],
        "note": "x" * 300,
        "mail": None,
        "b": "",
    }
    event = parse(raw(type="identified", traits=traits))
    assert isinstance(event, Identified)
    assert event.traits == {"address.city": "Wien", "address.geo.lat": 48.2, "note": "x" * 256, "mail": None}


def test_of_too_many_traits_the_first_are_kept() -> None:
    event = parse(raw(type="identified", traits={f"t{number}": number for number in range(100)}))
    assert isinstance(event, Identified)
    assert list(event.traits) == [f"t{number}" for number in range(64)]


def test_an_event_that_can_be_read_as_it_is_is_not_mended() -> None:
    assert not isinstance(read(raw(utm_campaign="spring")), Mended)
