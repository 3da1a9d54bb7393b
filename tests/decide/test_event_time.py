from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.decide.event_time import PartitionState, decode_partition_state, encode_partition_state
from streamproc.decide.timers import WakeUps
from streamproc.events.log import WatermarkRecord
from tests.builders import plan, release

TOPICS = {"a": 2, "b": 1}


def mark(partitions: dict[str, int] | None = None, **through: Any) -> WatermarkRecord:
    return WatermarkRecord(through=through, partitions=partitions or TOPICS)


def after(*marks: WatermarkRecord) -> PartitionState:
    state = PartitionState()
    for each in marks:
        state = state.after(each)
    return state


def test_time_stands_still_until_every_raw_partition_was_heard_of() -> None:
    assert after(mark(a={0: 5}), mark(b={0: 7})).watermark_ms is None
    assert after(mark(a={0: 5}), mark(b={0: 7}), mark(a={1: 9})).watermark_ms == 5


def test_a_stale_mark_changes_nothing() -> None:
    state = after(mark(a={0: 5, 1: 6}, b={0: 7}))
    assert state.after(mark(a={0: 3})) == state


def test_a_new_partition_holds_time_but_does_not_turn_it_back() -> None:
    state = after(mark(a={0: 5, 1: 6}, b={0: 7}), mark({"a": 3, "b": 1}, a={0: 50, 1: 60}, b={0: 70}))
    assert state.watermark_ms == 5
    assert state.after(mark({"a": 3, "b": 1}, a={2: 1})).watermark_ms == 5
    assert state.after(mark({"a": 3, "b": 1}, a={2: 80})).watermark_ms == 50


def test_a_mark_of_a_worker_that_does_not_know_of_a_new_partition_yet_does_not_leave_it_out() -> None:
    state = after(mark(a={0: 5, 1: 6}, b={0: 7}), mark({"a": 3, "b": 1}, a={2: 5}))
    stale = mark({"a": 2, "b": 1}, a={0: 50, 1: 60}, b={0: 70})
    assert state.after(stale).watermark_ms == 5
    assert state.after(stale).after(mark({"a": 3, "b": 1}, a={2: 80})).watermark_ms == 50


def test_a_topic_that_is_no_longer_read_does_not_hold_time() -> None:
    assert after(mark(a={0: 5, 1: 6}, b={0: 1}), mark({"a": 2}, a={0: 9})).watermark_ms == 6


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a0", "a1", "b0"]), st.integers(0, 100)), max_size=30))
def test_time_only_moves_forward_and_is_the_slowest_partition_s(told: list[tuple[str, int]]) -> None:
    state, before, best = PartitionState(), -1, dict[str, int]()
    for place, moment in told:
        state = state.after(WatermarkRecord(through={place[0]: {int(place[1]): moment}}, partitions=TOPICS))
        best[place] = max(moment, best.get(place, moment))
        assert state.watermark_ms == (min(best.values()) if len(best) == 3 else None)
        assert (state.watermark_ms or -1) >= before
        before = state.watermark_ms or -1


def test_a_partition_s_state_survives_its_bytes() -> None:
    state = after(mark(a={0: 5, 1: 6}, b={0: 7})).with_release(release(plan().models["churn"]))
    assert decode_partition_state(encode_partition_state(state)) == state


def test_another_version_of_a_partition_s_state_is_refused() -> None:
    with pytest.raises(ValueError, match="has version 130; this release reads versions up to 129"):
        decode_partition_state(b"\x82{}")


def woken(wake_ups: WakeUps, until: int) -> list[tuple[int, bytes]]:
    found = []
    while (due := wake_ups.next_until(until)) is not None:
        found.append(due)
    return found


def test_who_is_due_wakes_in_the_order_of_time_and_then_of_names() -> None:
    wake_ups = WakeUps()
    for key, due in ((b"c", 5), (b"b", 5), (b"a", 9), (b"d", 1)):
        wake_ups.set(key, due)
    assert woken(wake_ups, 5) == [(1, b"d"), (5, b"b"), (5, b"c")]
    assert woken(wake_ups, 9) == [(9, b"a")]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.none() | st.integers(0, 20)), max_size=30))
def test_only_the_last_timer_of_a_customer_counts(changes: list[tuple[bytes, int | None]]) -> None:
    wake_ups, known = WakeUps(), dict[bytes, int | None]()
    for key, due in changes:
        wake_ups.set(key, due)
        known[key] = due
    assert len(wake_ups) == sum(due is not None for due in known.values())
    assert woken(wake_ups, 20) == sorted((due, key) for key, due in known.items() if due is not None)
