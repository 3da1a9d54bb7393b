from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.clock import timers
from streamproc.decide.clock.timers import SLACK, WakeUps

moves = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.none() | st.integers(0, 9)), max_size=30)


@given(moves, st.integers(0, 9))
def test_who_is_due_wakes_once_in_the_order_of_time_and_key(moved: list[tuple[bytes, int | None]], now: int) -> None:
    wake_ups = WakeUps()
    for key, due in moved:
        wake_ups.set(key, due)
    woken = list(iter(lambda: wake_ups.next_until(now), None))
    assert woken == sorted((due, key) for key, due in dict(moved).items() if due is not None and due <= now)


def test_timers_that_are_moved_again_and_again_take_no_more_room() -> None:
    wake_ups = WakeUps()
    for moment in range(10 * SLACK):
        wake_ups.set(b"k%d" % (moment % 7), moment)
        assert len(wake_ups._heap) <= 2 * 7 + SLACK + 1
    assert len(wake_ups) == 7
    assert [wake_ups.next_until(10**9) for _ in range(7)] == [
        (moment, b"k%d" % (moment % 7)) for moment in range(10 * SLACK - 7, 10 * SLACK)
    ]


def test_outdated_timers_are_left_out_when_the_heap_is_built_anew() -> None:
    wake_ups = WakeUps()
    wake_ups.set(b"kept", 5)
    wake_ups.set(b"gone", 4)
    wake_ups.set(b"gone", None)
    for moment in range(2 * timers.SLACK):
        wake_ups.set(b"moved", 10 + moment)
    assert wake_ups.next_until(9) == (5, b"kept")
    assert wake_ups.next_until(9) is None
