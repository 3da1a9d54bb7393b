"""Windows by event time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.facts import Progress
from streamproc.events.times import DAY_MS
from streamproc.measure.merge import EventTime, due
from streamproc.measure.partials import Reported
from streamproc.measure.windows import TOTAL, Window, window_of

progresses = st.builds(Progress, st.integers(0, 2), st.just(3), st.integers(-100, 100))


@given(st.one_of(st.none(), st.integers(-700_000, 2_900_000)))
def test_a_window_is_found_by_its_key(day: int | None) -> None:
    assert window_of(Window(day).key) == Window(day)


@pytest.mark.parametrize("key", ["", "hour|2011-01-05", "day|2011-13-05", "progress"])
def test_another_key_is_no_window(key: str) -> None:
    with pytest.raises(ValueError, match=r"window|month"):
        window_of(key)


@given(st.lists(progresses))
def test_event_time_never_goes_back_and_is_that_of_the_slowest_partition(said: list[Progress]) -> None:
    time = EventTime()
    for progress in said:
        before, time = time, time.after(Reported(progress))
        assert before.reached is None or (time.reached is not None and time.reached >= before.reached)
    furthest = [max((p.through_ms for p in said if p.partition == each), default=None) for each in range(3)]
    heard = [through for through in furthest if through is not None]
    assert time.reached == (min(heard) if len(heard) == 3 else None)


def test_time_is_reached_again_when_all_partitions_are_counted_alike() -> None:
    time = EventTime().after(Reported(Progress(0, 2, 5))).after(Reported(Progress(1, 2, 7)))
    assert (time.reached, time.behind) == (5, frozenset())
    time = time.after(Reported(Progress(0, 2, 1), epoch_ms=9, is_whole=False))
    assert (time.reached, set(time.behind)) == (None, {0, 1})
    time = time.after(Reported(Progress(0, 2, 5), epoch_ms=9))
    assert (time.reached, set(time.behind)) == (None, {1})
    time = time.after(Reported(Progress(1, 2, 8), epoch_ms=9))
    assert (time.reached, time.behind) == (5, frozenset())
    assert time.after(Reported(Progress(1, 2, 9), epoch_ms=8, is_whole=False)).behind == frozenset()


def test_nothing_is_due_as_long_as_a_partition_was_not_heard_of() -> None:
    assert due({TOTAL, Window(0)}, None, None) == []


def test_a_day_is_due_when_its_last_moment_has_passed_and_not_before() -> None:
    assert due({Window(0)}, 0, DAY_MS - 1) == []
    assert due({Window(0)}, 0, DAY_MS) == [Window(0)]


def test_a_day_that_is_over_is_due_again_even_if_time_stands() -> None:
    assert due({Window(0), TOTAL}, 5 * DAY_MS, 5 * DAY_MS) == [Window(0)]


def test_everything_is_due_whenever_time_moves_after_the_days_in_order() -> None:
    assert due({TOTAL, Window(2), Window(1), Window(9)}, None, 3 * DAY_MS) == [Window(1), Window(2), TOTAL]
