"""What every adapter keeps to, whoever's format it reads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.adapters import ADAPTERS
from streamproc.events.adapters.native import MAX_EVENT_BYTES, read
from streamproc.events.base import RawEvent
from streamproc.events.ignored import Ignored
from streamproc.events.log import encode_event
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.tolerance import Mended
from tests.events.adapters.telling import ANY, FILES, FOREIGN, told
from tests.strategies import events
from tests.trying import tried

each_adapter = pytest.mark.parametrize("name", sorted(ADAPTERS))
each_foreign = pytest.mark.parametrize("name", FOREIGN)
values = st.one_of(st.none(), st.binary(max_size=200), events.map(encode_event))
headers = st.lists(st.tuples(st.text(max_size=12), st.none() | st.binary(max_size=12)), max_size=3)
texts = st.text(max_size=20) | st.sampled_from(["", "null", "1e999", "-0", "0x", "9" * 60, "[]", "{}", "2026-03-02"])
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
json_values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def places(tree: object, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where there is something to be replaced: every field, those within objects and lists included."""
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [here, *(place for key, value in below for place in places(value, (*here, key)))]


def changed(tree: Any, place: tuple[str | int, ...], value: object) -> Any:
    """The tree with another value at a place; `...` takes it away."""
    if not place:
        return None if value is ... else value
    copy: Any = dict(tree) if isinstance(tree, dict) else list(tree)
    if len(place) == 1 and value is ...:
        del copy[place[0]]
    else:
        copy[place[0]] = changed(copy[place[0]], place[1:], value)
    return copy


def keeps_to_the_contract(name: str, value: bytes | None, headers: Any = ()) -> None:
    said = ADAPTERS[name](value, headers, ANY)
    assert list(ADAPTERS[name](value, headers, ANY)) == list(said)
    bare = [each.event if isinstance(each, Mended) else each for each in said]
    happened = [each for each in bare if isinstance(each, RawEvent)]
    assert all(isinstance(each, RawEvent | SourceProgressed | Ignored | Rejected) for each in bare)
    assert all(each.type in EVENT_TYPES for each in happened)
    assert len({(each.event_id, type(each)) for each in happened}) == len(happened)
    assert all(len(encode_event(each)) <= MAX_EVENT_BYTES for each in happened)


@each_adapter
@given(value=values, headers=headers)
def test_an_adapter_reads_whatever_comes_and_always_alike(
    name: str, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    keeps_to_the_contract(name, value, headers)


@each_foreign
@given(value=json_values)
def test_an_adapter_reads_any_json(name: str, value: object) -> None:
    keeps_to_the_contract(name, json.dumps(value).encode())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
@tried(60)
@given(st.data())
def test_an_adapter_reads_an_example_whatever_is_changed_in_it(path: Any, data: st.DataObject) -> None:
    tree = json.loads(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(tree)))
        tree = changed(tree, place, data.draw(st.just(...) | json_values))
    keeps_to_the_contract(path.parent.name, json.dumps(tree).encode())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_of_an_example_nothing_is_wrong(path: Any) -> None:
    assert not [each for each in told(path.parent.name, path.read_bytes()) if isinstance(each, Rejected)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_message_of_another_system_that_is_read_as_ours_says_who_would_read_it(path: Any) -> None:
    letter = read(path.read_bytes())
    assert isinstance(letter, Rejected)
    assert path.parent.name in letter.detail or path.stem == "eventbridge"  # an envelope of anybody's


def test_a_type_that_there_is_not_is_told_with_those_there_are() -> None:
    letter = read(b'{"type": "order_place", "event_id": "e"}')
    assert isinstance(letter, Rejected)
    assert letter.detail.startswith("did you mean 'order_placed'? There are: bounced, cart_added,")


def test_a_message_of_ours_that_is_wrong_says_nothing_of_others() -> None:
    assert read(b'{"type": "sent"}') == Rejected(Reason.MISSING_FIELD, "event_id")
    assert read(b'{"event_id": "e"}') == Rejected(Reason.MISSING_FIELD, "type")


@each_foreign
def test_every_format_has_examples_and_a_place_in_the_documentation(name: str) -> None:
    assert [path for path in FILES if path.parent.name == name]
    assert f"`{name}`" in (FILES[0].parents[3] / "docs" / "adapters.md").read_text(encoding="utf-8")


@each_foreign
def test_a_list_says_what_its_parts_say_and_nothing_twice(name: str) -> None:
    parts = [part for path in FILES if path.parent.name == name
             for part in _listed(json.loads(path.read_bytes()))]  # fmt: skip
    apart = [each for part in parts for each in told(name, part)]
    assert _events(told(name, parts + parts)) == _events(told(name, parts)) == _events(apart)


def _listed(tree: Any) -> list[Any]:
    return tree if isinstance(tree, list) else [tree]


def _events(said: list[Any]) -> list[tuple[str, str]]:
    """Events once each, by what they are known by."""
    bare = [each.event if isinstance(each, Mended) else each for each in said]
    return list(dict.fromkeys((each.event_id, each.type) for each in bare if isinstance(each, RawEvent)))  # type: ignore[attr-defined]  # all have one


@given(values)
def test_our_own_format_is_one_event_a_message(value: bytes | None) -> None:
    assert list(ADAPTERS["native"](value, (), ANY)) == [read(value)]
