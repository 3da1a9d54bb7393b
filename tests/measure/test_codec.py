"""States as bytes and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.position import Position
from streamproc.measure.codec import State, decode, encode, is_changed, is_publication
from streamproc.measure.counting import Counting, Recount
from streamproc.measure.json_text import read_series, to_json
from streamproc.measure.merge import EventTime
from streamproc.measure.partials import Part, Partial, decode_partial, encode_partial
from streamproc.measure.publication import Publication, Said
from streamproc.measure.sums import Sums
from streamproc.measure.windows import Window

numbers = st.integers(-(10**30), 10**30)
sums = st.builds(Sums, st.integers(0, 40_000), st.dictionaries(st.text(), numbers))
parts = st.builds(Part, sums, st.integers(0, 10**9), st.booleans())
saids = st.builds(Said, st.integers(0, 99), numbers, st.none() | numbers)
publications = st.builds(Publication, st.booleans(), numbers, numbers, st.dictionaries(st.text(), saids))
by_partition = st.dictionaries(st.integers(0, 99), numbers)
event_times = st.builds(
    EventTime, by_partition, st.integers(0, 99), by_partition, st.frozensets(st.integers(0, 99), max_size=5)
)
positions = st.builds(Position, st.text(), st.integers(0, 9), numbers, numbers)
recounts = st.builds(
    Recount,
    st.integers(0),
    st.none() | st.frozensets(st.text(), max_size=5),
    st.none() | st.integers(0, 40_000),
    st.none() | positions,
)
countings = st.builds(
    Counting,
    st.none() | positions,
    st.dictionaries(st.text(), st.none() | st.text()),
    st.integers(0),
    st.none() | recounts,
)

GOLDEN: list[tuple[State, bytes]] = [
    (
        Part(Sums(14_979, {"orders": 2, 'triggers{"trigger":"cart"}': 1}), 4, changed=True),
        b'\x01s\x01{"sequence":4,"first_day":14979,"series":{"orders":2,"triggers{\\"trigger\\":\\"cart\\"}":1}}',
    ),
    (
        Publication(
            changed=False, first_day=14_979, through_ms=5, said={"aov": Said(1, 10, 2), "orders": Said(0, 2, None)}
        ),
        b'\x01w\x00{"first_day":14979,"through_ms":5,"said":{"aov":[1,10,2],"orders":[0,2,null]}}',
    ),
    (
        EventTime({0: 7, 1: -5}, 4, {0: 3}, frozenset({1})),
        b'\x01t\x00{"partitions":4,"through":{"0":7,"1":-5},"epochs":{"0":3},"unfinished":[1]}',
    ),
    (
        Counting(Position("a", 0, 7, 1), {"orders": "d1", "aov": None}, 5, Recount(9, frozenset({"orders"}), 14_979)),
        (
            b'\x01c\x00{"applied":{"topic_id":"a","partition":0,"offset":7,"number":1},'
            b'"definitions":{"orders":"d1","aov":null},"epoch_ms":5,'
            b'"recount":{"until":9,"series":["orders"],"whole_from":14979,"applied":null}}'
        ),
    ),
]


@given(st.one_of(parts, publications, event_times, countings))
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert decode(encode(state)) == state


@given(st.one_of(parts, publications))
def test_what_changed_is_seen_without_decoding(state: Part | Publication) -> None:
    assert is_changed(encode(state)) == state.changed
    assert is_publication(encode(state)) == isinstance(state, Publication)


@pytest.mark.parametrize(("state", "raw"), GOLDEN)
def test_the_bytes_of_version_1_stay_readable(state: State, raw: bytes) -> None:
    assert encode(state) == raw
    assert decode(raw) == state


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2; this release reads versions up to 1"):
        decode(b"\x02s\x00{}")


@given(sums, st.integers(0, 9), st.integers(0, 40_000), st.integers(1, 99))
def test_a_partial_comes_back_as_it_was(its: Sums, partition: int, day: int, sequence: int) -> None:
    partial = Partial(Window(day), partition, Part(its, sequence, changed=False))
    assert decode_partial(read_series(encode_partial(partial))) == partial


def test_a_partial_is_keyed_by_its_window_and_partition() -> None:
    assert Partial(Window(14_979), 3, Part(Sums(14_979, {}))).key == b"day|2011-01-05|3"


def test_texts_are_written_as_they_are() -> None:
    assert to_json({"a": "é"}) == '{"a":"é"}'.encode()
