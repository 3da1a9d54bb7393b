"""The lines of a replay's outputs."""

import json

import orjson
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.topics import FACTS_TOPIC, PARTIALS_TOPIC
from streamproc.offline.replay.output import encode_output, message_of
from streamproc.processor.api import OutputRecord

texts = st.text(max_size=8) | st.sampled_from(['","value":{', ',"value":{"a":1}}'])
headers = st.lists(st.tuples(texts, st.binary(max_size=8) | texts.map(str.encode)), max_size=2).map(tuple)
plain = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.dictionaries(texts, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, plain, max_size=3)
sums = st.dictionaries(texts, st.integers(-(10**30), 10**30), max_size=3)


@given(st.none() | texts.map(str.encode) | st.binary(max_size=8), headers, objects)
def test_what_orjson_has_written_stands_in_its_line_as_it_was(
    key: bytes | None, named: tuple[tuple[str, bytes], ...], said: dict[str, object]
) -> None:
    value = orjson.dumps(said)
    line = encode_output(OutputRecord(FACTS_TOPIC, key, value, 1, named))
    assert orjson.loads(line)["value"] == orjson.loads(value)
    assert message_of(line) == value


@given(st.binary(max_size=8) | texts.map(str.encode) | sums.map(lambda each: json.dumps(each).encode()) | st.none())
def test_any_other_message_is_found_in_its_line_too(value: bytes | None) -> None:
    line = encode_output(OutputRecord(PARTIALS_TOPIC, None, value, 0))
    assert message_of(line) == (value or b"")
