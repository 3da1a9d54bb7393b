"""What only the states of a live worker have, besides what all have (`tests/processor/test_states.py`)."""

from dataclasses import replace

import orjson
import pytest

from streamproc.processor.api import Codec, States
from streamproc.runtime.state.keyed import KeyedStates, NoStates
from streamproc.runtime.state.store import CopyPosition, InMemoryStore
from streamproc.runtime.worker_settings import Limits

POSITION = CopyPosition("c0ffee", 1, 1.0)
SMALL = replace(Limits(), cached_states=2)


class CountingCodec:
    """Encodes integers, and knows how often it decoded one."""

    def __init__(self) -> None:
        self.decoded = 0

    def decode(self, raw: bytes) -> int:
        self.decoded += 1
        return int(orjson.loads(raw))

    @property
    def codec(self) -> Codec[int]:
        return Codec(orjson.dumps, self.decode)


def test_a_state_is_decoded_when_it_is_wanted_and_then_kept() -> None:
    store = InMemoryStore()
    store.write([(b"a", b"1"), (b"b", b"2")], POSITION)
    counting = CountingCodec()
    states = KeyedStates(store, counting.codec, Limits())
    assert [states.get(b"a"), states.get(b"a")] == [1, 1]
    assert counting.decoded == 1


def test_the_cache_forgets_what_was_not_used_for_long() -> None:
    store = InMemoryStore()
    store.write([(b"%d" % number, b"%d" % number) for number in range(100)], POSITION)
    states = KeyedStates(store, CountingCodec().codec, SMALL)
    for number in range(100):
        assert states.get(b"%d" % number) == number
    assert len(states._young) + len(states._old) <= 2 * (SMALL.cached_states + 1)


def test_what_is_being_committed_is_not_forgotten_however_much_is_read_meanwhile() -> None:
    store = InMemoryStore()
    store.write([(b"%d" % number, b"1") for number in range(20)], POSITION)
    states = KeyedStates(store, CountingCodec().codec, SMALL)
    states.put(b"0", 2)
    states.put(b"new", 3)
    cut = states.cut()
    for number in range(1, 20):
        states.get(b"%d" % number)
    assert (states.get(b"0"), states.get(b"new")) == (2, 3)
    store.write(cut, POSITION)
    states.stored()
    assert (states.get(b"0"), states.get(b"new")) == (2, 3)


def test_big_states_fill_the_cache_sooner() -> None:
    store = InMemoryStore()
    store.write([(b"%d" % number, b"%d" % (10**40 + number)) for number in range(100)], POSITION)
    states = KeyedStates(store, Codec(orjson.dumps, int), replace(Limits(), cached_bytes=100))
    for number in range(100):
        states.get(b"%d" % number)
    assert len(states._young) + len(states._old) <= 2 * 3


def test_a_removed_state_is_not_read_from_the_store_again() -> None:
    store = InMemoryStore()
    store.write([(b"a", b"1")], POSITION)
    states = KeyedStates(store, CountingCodec().codec, Limits())
    states.put(b"a", None)
    assert states.get(b"a") is None
    assert states.cut() == [(b"a", None)]
    assert states.get(b"a") is None


def test_a_cut_holds_each_changed_state_once() -> None:
    states = KeyedStates(InMemoryStore(), CountingCodec().codec, Limits())
    states.put(b"a", 1)
    states.put(b"a", 2)
    states.put(b"b", 3)
    assert states.changed == 2
    assert states.cut() == [(b"a", b"2"), (b"b", b"3")]
    assert (states.changed, states.changed_bytes, states.cut()) == (0, 0, [])


def test_a_key_must_be_bytes_and_not_the_runtimes_own() -> None:
    states = KeyedStates(InMemoryStore(), CountingCodec().codec, Limits())
    with pytest.raises(TypeError, match="a state's key is bytes, not None"):
        states.put(None, 1)  # type: ignore[arg-type]
    states.put(b"\x00mine", 1)
    with pytest.raises(ValueError, match="the runtime's own"):
        states.cut()


def test_without_a_changelog_nothing_can_be_kept() -> None:
    states: States[int] = NoStates()
    assert states.get(b"a") is None
    with pytest.raises(TypeError, match="no changelog"):
        states.put(b"a", 1)
