"""What every adapter keeps to, whoever's format it reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.adapters import ADAPTERS
from streamproc.events.adapters.native import MAX_EVENT_BYTES, read
from streamproc.events.base import RawEvent
from streamproc.events.log import encode_event
from streamproc.events.raw import FAMILIES
from streamproc.events.rejected import Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.tolerance import Mended
from tests.strategies import events

ANY = frozenset(FAMILIES)
each_adapter = pytest.mark.parametrize("name", sorted(ADAPTERS))
values = st.one_of(st.none(), st.binary(max_size=200), events.map(encode_event))
headers = st.lists(st.tuples(st.text(max_size=12), st.none() | st.binary(max_size=12)), max_size=3)


@each_adapter
@given(value=values, headers=headers)
def test_an_adapter_reads_whatever_comes_and_always_alike(
    name: str, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    said = ADAPTERS[name](value, headers, ANY)
    assert list(ADAPTERS[name](value, headers, ANY)) == list(said)
    bare = [each.event if isinstance(each, Mended) else each for each in said]
    happened = [each for each in bare if isinstance(each, RawEvent)]
    assert all(isinstance(each, RawEvent | SourceProgressed | Rejected) for each in bare)
    assert len({(each.event_id, type(each)) for each in happened}) == len(happened)
    assert all(len(encode_event(each)) <= MAX_EVENT_BYTES for each in happened)


@given(values)
def test_our_own_format_is_one_event_a_message(value: bytes | None) -> None:
    assert list(ADAPTERS["native"](value, (), ANY)) == [read(value)]
