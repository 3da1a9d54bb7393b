from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.collect.completeness import Completeness


def test_nothing_is_known_before_the_first_commit() -> None:
    completeness = Completeness(lateness_ms=0)
    completeness.seen(100)
    completeness.cut()
    assert completeness.through_ms is None


def test_a_commit_without_anything_seen_says_nothing() -> None:
    completeness = Completeness(lateness_ms=0)
    completeness.cut()
    completeness.commit()
    assert completeness.through_ms is None


def test_an_event_leaves_room_for_late_ones() -> None:
    completeness = Completeness(lateness_ms=5)
    completeness.seen(100)
    completeness.cut()
    completeness.commit()
    assert completeness.through_ms == 95


def test_the_source_s_own_word_needs_no_room() -> None:
    completeness = Completeness(lateness_ms=5)
    completeness.said(100)
    completeness.cut()
    completeness.commit()
    assert completeness.through_ms == 100


def test_what_came_after_the_cut_is_not_spoken_of_by_its_commit() -> None:
    completeness = Completeness(lateness_ms=0)
    completeness.seen(100)
    completeness.cut()
    completeness.seen(200)
    completeness.commit()
    assert completeness.through_ms == 100


def complete_to(seen_ms: int | None, clock_ms: int | None, *, at_end: bool) -> int | None:
    completeness = Completeness(lateness_ms=0)
    if seen_ms is not None:
        completeness.seen(seen_ms)
    completeness.cut()
    completeness.commit()
    return completeness.until(clock_ms, at_end=at_end)


def test_a_source_that_has_been_read_to_its_end_is_as_far_as_the_clock() -> None:
    assert complete_to(100, 500, at_end=True) == 500
    assert complete_to(None, 500, at_end=True) == 500


def test_a_source_that_is_behind_is_as_far_as_its_events() -> None:
    assert complete_to(100, 500, at_end=False) == 100
    assert complete_to(None, 500, at_end=False) is None


def test_a_producer_whose_clock_is_ahead_does_not_move_live_time_ahead_of_our_clock() -> None:
    assert complete_to(3_600_000, 500, at_end=False) == 500
    assert complete_to(3_600_000, 500, at_end=True) == 500


def test_historical_time_knows_no_clock() -> None:
    assert complete_to(3_600_000, None, at_end=False) == 3_600_000
    assert complete_to(None, None, at_end=True) is None


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(0, 1000), st.sampled_from(["cut", "commit"])), max_size=40))
def test_it_moves_forward_only_and_never_ahead_of_what_was_cut(happenings: list[int | str]) -> None:
    completeness, seen, cut, known = Completeness(lateness_ms=10), -(10**6), -(10**6), -(10**6)
    for happening in happenings:
        if isinstance(happening, int):
            completeness.seen(happening)
            seen = max(seen, happening - 10)
        elif happening == "cut":
            completeness.cut()
            cut = seen
        else:
            completeness.commit()
        through = completeness.through_ms if completeness.through_ms is not None else -(10**6)
        assert known <= through <= cut
        known = through
