"""A large release is kept under a key of its own, and is as good as one that is kept with the partition's state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.clock import event_time
from streamproc.events.log import CONTROL_KEY, GovernAction, ModelGoverned, ModelReleased
from tests.builders import NOON_MS
from tests.decide.predictions.test_governed_models import ACTIONS, Partition, act, version
from tests.trying import tried

APART = CONTROL_KEY + b"release/"


@pytest.fixture
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_time, "LARGE_CHARS", 10)


@pytest.mark.usefixtures("_all_are_large")
def test_a_mark_does_not_write_a_large_release_again() -> None:
    partition = Partition().hears(version(1))
    partition.states.checkpoint()
    assert version(1).snapshot.encode() not in partition.states.stored[CONTROL_KEY]
    assert [key for key in partition.states.stored if key.startswith(APART)] == [APART + b"churn/counts"]


@pytest.mark.usefixtures("_all_are_large")
def test_one_that_has_waited_counts_and_nothing_waits_any_more() -> None:
    partition = Partition().hears(version(1), act("freeze", 1), version(2))
    partition.restart()
    partition.hears(act("unfreeze", at_ms=NOON_MS + 1))
    partition.states.checkpoint()
    assert partition.used == "churn-2"
    assert [key for key in partition.states.stored if key.startswith(APART)] == [APART + b"churn/counts"]


acts = st.tuples(st.sampled_from(ACTIONS), st.integers(1, 4))
heard = st.lists(st.one_of(st.integers(1, 4), acts), max_size=10)


@tried(40)
@given(heard, st.sets(st.integers(0, 10), max_size=3))
def test_it_counts_as_one_that_is_not_large_wherever_a_worker_stops(
    news: list[int | tuple[GovernAction, int]], stops: set[int]
) -> None:
    small, large = Partition(), Partition()
    for number, each in enumerate(news):
        said: ModelReleased | ModelGoverned
        said = version(each) if isinstance(each, int) else act(each[0], each[1], NOON_MS + number)
        small.hears(said)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(event_time, "LARGE_CHARS", 10)
            large.hears(said)
            if number in stops:
                used = large.used
                large.restart()
                assert (large.used, large.errors) == (used, [])
        assert (large.used, large.frozen) == (small.used, small.frozen)
