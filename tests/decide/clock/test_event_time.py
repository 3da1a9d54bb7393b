"""Event time: what the timekeeper makes of what it hears, and what a partition makes of what it is told."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.decide.clock.event_time import PartitionState, decode_partition_state, encode_partition_state
from streamproc.decide.clock.timekeeper import Timekeeper
from streamproc.decide.clock.timers import WakeUps
from streamproc.events.log import DIRECTLY, ONCE, TWICE, Complete, PassedOn, WatermarkRecord, decode_record
from tests.builders import plan, release

TOPICS = {"a": 2, "b": 1}
LOG_PARTITIONS = 3


def mark(partitions: dict[str, int] | None = None, **through: Any) -> WatermarkRecord:
    return WatermarkRecord(through=through, partitions=partitions or TOPICS)


def passed_on(partition: int, through_ms: int, hops: int = ONCE) -> PassedOn:
    return PassedOn(partition=partition, hops=hops, through_ms=through_ms)


def after(*heard: WatermarkRecord | PassedOn, keeper: Timekeeper | None = None) -> Timekeeper:
    known = keeper or Timekeeper()
    for each in heard:
        known = known.after(each, LOG_PARTITIONS)
    return known


def test_time_stands_still_until_every_raw_partition_was_heard_of() -> None:
    assert after(mark(a={0: 5}), mark(b={0: 7})).told == {}
    assert after(mark(a={0: 5}), mark(b={0: 7}), mark(a={1: 9})).told == {DIRECTLY: 5}


def test_a_stale_mark_changes_nothing() -> None:
    keeper = after(mark(a={0: 5, 1: 6}, b={0: 7}))
    assert after(mark(a={0: 3}), keeper=keeper) == keeper


def test_a_new_partition_holds_time_but_does_not_turn_it_back() -> None:
    keeper = after(mark(a={0: 5, 1: 6}, b={0: 7}), mark({"a": 3, "b": 1}, a={0: 50, 1: 60}, b={0: 70}))
    assert keeper.told == {DIRECTLY: 5}
    assert after(mark({"a": 3, "b": 1}, a={2: 1}), keeper=keeper).told == {DIRECTLY: 5}
    assert after(mark({"a": 3, "b": 1}, a={2: 80}), keeper=keeper).told == {DIRECTLY: 50}


def test_a_mark_of_a_worker_that_does_not_know_of_a_new_partition_yet_does_not_leave_it_out() -> None:
    stale = mark({"a": 2, "b": 1}, a={0: 50, 1: 60}, b={0: 70})
    keeper = after(mark(a={0: 5, 1: 6}, b={0: 7}), mark({"a": 3, "b": 1}, a={2: 5}), stale)
    assert keeper.told == {DIRECTLY: 5}
    assert after(mark({"a": 3, "b": 1}, a={2: 80}), keeper=keeper).told == {DIRECTLY: 50}


def test_a_topic_that_is_no_longer_read_does_not_hold_time() -> None:
    assert after(mark(a={0: 5, 1: 6}, b={0: 1}), mark({"a": 2}, a={0: 9})).told == {DIRECTLY: 6}


def test_what_is_passed_on_has_come_when_each_partition_of_the_log_has_passed_it_on() -> None:
    keeper = after(passed_on(0, 5), passed_on(1, 9))
    assert keeper.told == {}
    keeper = after(passed_on(2, 7), passed_on(0, 8, TWICE), keeper=keeper)
    assert keeper.told == {ONCE: 5}
    assert after(passed_on(0, 6), passed_on(0, 3), keeper=keeper).told == {ONCE: 6}


MOMENTS = st.integers(0, 100)
HEARD = st.lists(
    st.builds(lambda at: mark(a={0: at}), MOMENTS)
    | st.builds(lambda at: mark(a={1: at}), MOMENTS)
    | st.builds(lambda at: mark(b={0: at}), MOMENTS)
    | st.builds(passed_on, st.integers(0, LOG_PARTITIONS - 1), MOMENTS, st.sampled_from([ONCE, TWICE])),
    max_size=40,
)


def told_by(heard: WatermarkRecord | PassedOn) -> tuple[tuple[int, str, int], int]:
    """Of which partition it speaks, passed on how often, and of what moment."""
    if isinstance(heard, PassedOn):
        return (heard.hops, "log", heard.partition), heard.through_ms
    [(topic, reached)] = heard.through.items()
    [(number, moment)] = reached.items()
    return (DIRECTLY, topic, number), moment


@settings(deadline=None)
@given(HEARD)
def test_time_only_moves_forward_and_is_the_slowest_s_and_each_move_is_told_to_all(
    heard: list[WatermarkRecord | PassedOn],
) -> None:
    keeper, state, best = Timekeeper(), PartitionState(), dict[tuple[int, str, int], int]()
    for each in heard:
        before, keeper = keeper, after(each, keeper=keeper)
        place, moment = told_by(each)
        best[place] = max(moment, best.get(place, moment))
        for hops in (DIRECTLY, ONCE, TWICE):
            known = [moment for (times, *_), moment in best.items() if times == hops]
            assert keeper.told.get(hops) == (min(known) if len(known) == 3 else None)
            assert keeper.told.get(hops, -1) >= before.told.get(hops, -1)
        news = list(keeper.news_since(before, LOG_PARTITIONS))
        assert [record.partition for record in news] == list(range(LOG_PARTITIONS)) * (keeper.told != before.told)
        for record in news[:1]:
            told = decode_record(record.value or b"").event
            assert isinstance(told, Complete)
            state = state.after(told)
    assert state.complete == keeper.told
    assert state.watermark_ms == keeper.told.get(TWICE)


def test_what_is_older_than_what_a_partition_knows_changes_nothing() -> None:
    state = PartitionState().after(Complete(hops=TWICE, through_ms=5))
    assert state.after(Complete(hops=TWICE, through_ms=5)) is state
    assert state.after(Complete(hops=TWICE, through_ms=4)) is state


def test_a_partition_s_state_survives_its_bytes() -> None:
    keeper = after(mark(a={0: 5, 1: 6}, b={0: 7}), *(passed_on(number, 4, TWICE) for number in range(LOG_PARTITIONS)))
    state = PartitionState(timekeeper=keeper).with_release(release(plan().models["churn"]))
    state = state.after(Complete(hops=TWICE, through_ms=4))
    assert decode_partition_state(encode_partition_state(state)) == state


def test_another_version_of_a_partition_s_state_is_refused() -> None:
    with pytest.raises(ValueError, match="has version 131; this release reads versions up to 130"):
        decode_partition_state(b"\x83{}")


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
