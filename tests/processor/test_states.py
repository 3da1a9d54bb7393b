"""The laws of keyed states: every implementation of `States` passes them, so that a stage cannot tell which it has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Protocol

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.replay.partition import ReplayedStates
from streamproc.processor.api import Codec, States
from streamproc.runtime.state.keyed import KeyedStates
from streamproc.runtime.state.store import (
    RESERVED,
    Change,
    CopyPosition,
    InMemoryStore,
    RocksMemory,
    RocksStore,
    StateStore,
)
from streamproc.runtime.worker_settings import Limits
from tests.memory_states import MemoryStates
from tests.trying import tried

CODEC: Codec[int] = Codec(orjson.dumps, orjson.loads)
SMALL = replace(Limits(), cached_states=2)
"""So small that most of what is asked for was forgotten, and comes from the store again."""

KEYS = st.sampled_from([b"a", b"b", b"c", b"d", b"e"])
STATES = st.dictionaries(KEYS, st.integers(0, 9))
READS_AND_WRITES = st.one_of(
    st.tuples(st.just("get"), KEYS, st.none()),
    st.tuples(st.just("put"), KEYS, st.none() | st.integers(0, 9)),
)
COMMITS = st.tuples(st.sampled_from(["begin_commit", "committed"]), st.just(b""), st.none())
Steps = list[tuple[str, bytes, int | None]]


class Kept(Protocol):
    """States, and those who keep them: the live worker, a replay, or a test."""

    @property
    def states(self) -> States[int]: ...

    def begin_commit(self) -> None:
        """What was put until now is being committed."""

    def committed(self) -> None:
        """It is; what was put meanwhile is not."""

    def successor(self) -> States[int]:
        """The states of whoever goes on from the last commit."""


class Live:
    """As a worker keeps them: over a local store, by checkpoints."""

    def __init__(self, store: StateStore, begin: Mapping[bytes, bytes]) -> None:
        self._store = store
        self._offsets = count(1)
        self._changes: list[Change] = []
        self._write([*begin.items(), (RESERVED + b"source", b"the runtime's own")])
        self.states: KeyedStates[int] = self.successor()

    def begin_commit(self) -> None:
        self._changes = self.states.cut()

    def committed(self) -> None:
        self._write(self._changes)
        self.states.stored()

    def successor(self) -> KeyedStates[int]:
        return KeyedStates(self._store, CODEC, SMALL)

    def _write(self, changes: list[Change]) -> None:
        self._store.write(changes, CopyPosition("c0ffee", next(self._offsets), 1.0))


class Replayed:
    """As a replay keeps them: written down at its end, where the next one begins."""

    def __init__(self, begin: Mapping[bytes, bytes]) -> None:
        self._written = begin
        self.states: ReplayedStates[int] = self.successor()

    def begin_commit(self) -> None:
        self._written = self.states.encoded()

    def committed(self) -> None:
        """It was written down already."""

    def successor(self) -> ReplayedStates[int]:
        return ReplayedStates(CODEC, self._written)


class InTests:
    """As tests keep them."""

    def __init__(self, begin: Mapping[bytes, bytes]) -> None:
        self._stored = dict(begin)
        self.states: MemoryStates[int] = self.successor()

    def begin_commit(self) -> None:
        self.states.checkpoint()

    def committed(self) -> None:
        """It is at once."""

    def successor(self) -> MemoryStates[int]:
        return MemoryStates(CODEC, self._stored)


Keep = Callable[[Mapping[bytes, int]], Kept]


@pytest.fixture(scope="module", params=["rocksdb", "memory", "replay", "test"])
def keep(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keep]:
    rocks = RocksStore(tmp_path_factory.mktemp("store") / "events-0", RocksMemory(1 << 20, 1 << 20))

    def emptied() -> RocksStore:
        rocks.wipe()
        return rocks

    makers: dict[str, Callable[[Mapping[bytes, bytes]], Kept]] = {
        "rocksdb": lambda begin: Live(emptied(), begin),
        "memory": lambda begin: Live(InMemoryStore(), begin),
        "replay": Replayed,
        "test": InTests,
    }
    yield lambda begin: makers[request.param](encoded(begin))
    rocks.close()


def encoded(states: Mapping[bytes, int]) -> dict[bytes, bytes]:
    return {key: CODEC.encode(state) for key, state in states.items()}


@given(begin=STATES, steps=st.lists(READS_AND_WRITES | COMMITS, max_size=60))
@tried(50)
def test_what_was_put_is_what_is_read_whatever_is_committed_or_forgotten_meanwhile(
    keep: Keep, begin: dict[bytes, int], steps: Steps
) -> None:
    kept, expected, committing = keep(begin), dict[bytes, int | None](begin), False
    for step, key, state in steps:
        if step == "put":
            kept.states.put(key, state)
            expected[key] = state
        elif step == "get":
            assert kept.states.get(key) == expected.get(key)
        elif (step == "begin_commit") != committing:
            getattr(kept, step)()
            committing = not committing
    assert {key: kept.states.get(key) for key in expected} == expected


@given(begin=STATES, steps=st.lists(READS_AND_WRITES, max_size=10))
@tried(50)
def test_who_opens_gets_all_of_the_last_commit_also_if_he_reads_and_writes_before_and_meanwhile(
    keep: Keep, begin: dict[bytes, int], steps: Steps
) -> None:
    states = keep(begin).states
    before, meanwhile = steps[::2], iter(steps[1::2])
    apply(states, before)
    found = {}
    for key, raw in states.raw_items():
        assert key not in found
        found[key] = raw
        apply(states, [step] if (step := next(meanwhile, None)) else [])
    assert found == encoded(begin)


@given(begin=STATES, steps=st.lists(READS_AND_WRITES, max_size=20), late=st.lists(READS_AND_WRITES, max_size=5))
@tried(50)
def test_a_successor_begins_with_what_was_put_before_the_last_commit_and_nothing_else(
    keep: Keep, begin: dict[bytes, int], steps: Steps, late: Steps
) -> None:
    kept = keep(begin)
    apply(kept.states, steps)
    kept.begin_commit()
    apply(kept.states, late)
    kept.committed()
    expected = begin | {key: state for step, key, state in steps if step == "put"}
    successor = kept.successor()
    assert dict(successor.raw_items()) == encoded({key: state for key, state in expected.items() if state is not None})
    assert {key: successor.get(key) for key in expected} == expected


def test_a_state_that_is_nothing_to_python_is_a_state(keep: Keep) -> None:
    kept = keep({})
    kept.states.put(b"a", 0)
    assert kept.states.get(b"a") == 0
    kept.begin_commit()
    kept.committed()
    assert kept.states.get(b"a") == kept.successor().get(b"a") == 0


def apply(states: States[int], steps: Steps) -> None:
    for step, key, state in steps:
        if step == "put":
            states.put(key, state)
        else:
            states.get(key)
