from copy import deepcopy
from typing import Any, Literal

import pytest

from streamproc.export.compatibility import breaking_changes
from streamproc.export.messages import MESSAGES
from streamproc.export.schemas import schema_of

Direction = Literal["given", "made"]

BASE: dict[str, Any] = {
    "type": "object",
    "title": "Order",
    "properties": {
        "id": {"type": "string", "maxLength": 10},
        "kind": {"enum": ["hard", "soft"], "type": "string"},
        "amount": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        "values": {"type": "object", "additionalProperties": {"type": "number"}},
    },
    "required": ["id", "kind"],
    "$defs": {
        "Line": {"type": "object", "title": "Line", "properties": {"sku": {"type": "string"}}, "required": ["sku"]}
    },
}


def changed(**fields: Any) -> dict[str, Any]:
    """The schema with other definitions of some fields; None removes one."""
    schema = deepcopy(BASE)
    for name, definition in fields.items():
        schema["properties"].pop(name, None)
        if definition is not None:
            schema["properties"][name] = definition
    schema["required"] = [name for name in schema["required"] if name in schema["properties"]]
    return schema


def requiring(*names: str) -> dict[str, Any]:
    return {**deepcopy(BASE), "required": list(names)}


def test_the_same_schema_breaks_nothing() -> None:
    assert breaking_changes(BASE, deepcopy(BASE), "given") == ()
    assert breaking_changes(BASE, deepcopy(BASE), "made") == ()


@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_breaks_itself(name: str) -> None:
    schema = schema_of(MESSAGES[name])
    assert breaking_changes(schema, schema, MESSAGES[name].direction) == ()


@pytest.mark.parametrize("direction", ["given", "made"])
def test_a_removed_field_breaks(direction: Direction) -> None:
    assert "$.amount: removed" in breaking_changes(BASE, changed(amount=None), direction)


@pytest.mark.parametrize("direction", ["given", "made"])
def test_a_new_optional_field_breaks_nobody(direction: Direction) -> None:
    assert breaking_changes(BASE, changed(note={"type": "string"}), direction) == ()


@pytest.mark.parametrize("direction", ["given", "made"])
def test_another_type_breaks(direction: Direction) -> None:
    assert len(breaking_changes(BASE, changed(id={"type": "integer"}), direction)) == 1


def test_what_others_write_must_not_need_more_fields() -> None:
    assert breaking_changes(BASE, requiring("id", "kind", "amount"), "given") == ("$.amount: newly required",)
    assert breaking_changes(BASE, requiring("id"), "given") == ()


def test_what_others_read_must_not_lose_the_promise_of_a_field() -> None:
    assert breaking_changes(BASE, requiring("id"), "made") == ("$.kind: no longer always there",)
    assert breaking_changes(BASE, requiring("id", "kind", "amount"), "made") == ()


def test_what_we_make_may_get_a_new_field_that_is_always_there() -> None:
    more = changed(note={"type": "string"})
    more["required"].append("note")
    assert breaking_changes(BASE, more, "made") == ()
    assert breaking_changes(BASE, more, "given") == ("$.note: newly required",)


def test_an_enumeration_must_not_shrink_for_writers_nor_grow_for_readers() -> None:
    fewer = changed(kind={"enum": ["hard"], "type": "string"})
    more = changed(kind={"enum": ["hard", "soft", "other"], "type": "string"})
    assert breaking_changes(BASE, fewer, "given") == ("$.kind: no longer takes 'soft'",)
    assert breaking_changes(BASE, more, "given") == ()
    assert breaking_changes(BASE, more, "made") == ("$.kind: may now be 'other'",)
    assert breaking_changes(BASE, fewer, "made") == ()


def test_free_text_must_not_become_an_enumeration_for_writers() -> None:
    listed = changed(id={"type": "string", "maxLength": 10, "enum": ["a"]})
    assert breaking_changes(BASE, listed, "given") == ("$.id: no longer takes 'any value'",)


def test_a_field_may_become_optional_for_writers_but_not_nullable_for_readers() -> None:
    never_null = changed(amount={"type": "integer", "minimum": 0})
    assert breaking_changes(BASE, never_null, "given") == ("$.amount: no longer takes null",)
    assert breaking_changes(never_null, BASE, "given") == ()
    assert breaking_changes(never_null, BASE, "made") == ("$.amount: may now be null",)


def test_whole_numbers_may_widen_to_all_numbers_for_writers_only() -> None:
    wider = changed(amount={"anyOf": [{"type": "number"}, {"type": "null"}]})
    assert breaking_changes(BASE, wider, "given") == ()
    assert breaking_changes(BASE, wider, "made") == ("$.amount: may now be number",)


def test_bounds_must_not_tighten_for_writers() -> None:
    assert breaking_changes(BASE, changed(id={"type": "string", "maxLength": 5}), "given") == (
        "$.id: maxLength 10 -> 5",
    )
    assert breaking_changes(BASE, changed(id={"type": "string", "minLength": 1, "maxLength": 20}), "given") == (
        "$.id: minLength None -> 1",
    )
    assert breaking_changes(BASE, changed(id={"type": "string"}), "given") == ()


def test_changes_are_found_inside_lists_and_mappings() -> None:
    deeper = changed(values={"type": "object", "additionalProperties": {"type": "string"}})
    deeper["$defs"]["Line"]["properties"] = {}
    assert set(breaking_changes(BASE, deeper, "given")) == {
        "$.lines[].sku: removed",
        "$.values.*: no longer takes number",
    }


def test_an_event_that_leaves_the_customer_log_breaks_its_readers() -> None:
    old = schema_of(MESSAGES["log_record"])
    new = deepcopy(old)
    new["properties"]["event"]["oneOf"] = [
        choice for choice in new["properties"]["event"]["oneOf"] if choice["$ref"] != "#/$defs/WatermarkRecord"
    ]
    assert breaking_changes(old, new, "given") == ("$.event: no longer takes WatermarkRecord",)
