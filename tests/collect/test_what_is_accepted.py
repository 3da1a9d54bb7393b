"""Whatever collect takes can be logged, read, decided and stored: or it would stop its partition for ever."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.collect.clean import Cleaned, clean
from streamproc.collect.settings import CollectSettings
from streamproc.customer.codec import decode, encode
from streamproc.customer.state import Customer
from streamproc.decide.step import step
from streamproc.events.adapters.native import parse
from streamproc.events.log import LogEntry, decode_record, encode_record
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.times import DAY_MS
from tests.builders import ANY_TOPIC, NO_MODELS, NOON_MS, abandoned_cart, on_order, plan
from tests.trying import tried

EXAMPLES = Path(__file__).parents[2] / "topics" / "examples"
PLAN = plan(abandoned_cart(), on_order(), segments=[{"name": "any", "where": [{"feature": "views_7d", "at_least": 0}]}])
SETTINGS = CollectSettings()
RECEIVED_MS = NOON_MS + 800 * DAY_MS
"""After the examples."""

odd_values: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, -1, 10**7, 10**15, 2**63 - 1, 2**63, 2**64, 1.5, 1e308, True, "", "a" * 128, "\x01", "🛒" * 64,
     "é" * 2048, "2000-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", [], {}, ["x"]]
)  # fmt: skip


def example(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return tree | {"customer_id": "ada"}


def places(tree: object, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where there is something to be replaced: every field, those within objects and lists included."""
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [place for key, value in below for place in ((*here, key), *places(value, (*here, key)))]


def replaced(tree: Any, place: tuple[str | int, ...], value: object) -> Any:
    if not place:
        return value
    copy: Any = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[place[0]] = replaced(copy[place[0]], place[1:], value)
    return copy


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
@tried(25)
@given(st.data())
def test_what_is_accepted_can_be_decided(name: str, data: st.DataObject) -> None:
    assert isinstance(clean(parse(orjson.dumps(example(name))), RECEIVED_MS, SETTINGS, ANY_TOPIC), Cleaned)
    state: Customer | None = None
    for offset in range(3):
        changed = {**example(name), "event_id": f"e{offset}"}
        place = data.draw(st.sampled_from(places(example(name))))
        try:
            message = orjson.dumps(replaced(changed, place, data.draw(odd_values)))
        except TypeError:
            continue  # orjson writes no number as large as this
        cleaned = clean(parse(message), RECEIVED_MS, SETTINGS, ANY_TOPIC)
        if isinstance(cleaned, Cleaned):
            logged = decode_record(encode_record(cleaned.event, cleaned.at_ms, RECEIVED_MS))
            assert logged.event == cleaned.event
            entry = LogEntry(cleaned.keys[0], cleaned.at_ms, f"topic/0/{offset}", offset, cleaned.event)
            state = step(state, entry, PLAN, NO_MODELS).customer
            assert state is None or decode(encode(state)) == state
