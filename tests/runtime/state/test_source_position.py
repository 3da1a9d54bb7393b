"""When a take-over may begin where, and when it must not."""

import pytest

from streamproc.runtime.exits import Exit
from streamproc.runtime.refusal import Refusal
from streamproc.runtime.state.source_position import SourceOffsets, SourcePosition, decode_position, starting_point

HERE, ELSEWHERE = "aa", "bb"


def start(
    committed: int | None, mark: SourcePosition | None, *, begin: int = 10, end: int = 90, keeps: bool = True
) -> object:
    found = starting_point(SourceOffsets(begin, end, committed), HERE, mark, keeps_state=keeps)
    return found.code if isinstance(found, Refusal) else found


def test_a_stage_that_is_new_begins_with_the_first_record() -> None:
    assert start(None, None) == 10


def test_a_stage_goes_on_where_state_and_offset_agree() -> None:
    assert start(42, SourcePosition(HERE, 42)) == 42


def test_a_stage_without_states_goes_on_at_the_committed_offset() -> None:
    assert start(42, None, keeps=False) == 42


def test_offsets_that_kafka_forgot_are_taken_from_the_mark() -> None:
    assert start(None, SourcePosition(HERE, 42)) == 42


def test_a_stage_goes_on_where_its_states_are_if_the_committed_offset_is_behind() -> None:
    assert start(41, SourcePosition(HERE, 42)) == 42
    assert start(0, SourcePosition(HERE, 42)) == 42


def test_states_that_lack_what_was_committed_are_refused() -> None:
    assert start(43, SourcePosition(HERE, 42)) == Exit.RESET


def test_a_changelog_that_somebody_emptied_is_refused() -> None:
    assert start(42, None) == Exit.RESET


def test_states_of_a_topic_that_was_recreated_are_refused() -> None:
    assert start(42, SourcePosition(ELSEWHERE, 42)) == Exit.RECREATED


@pytest.mark.parametrize("offset", [9, 91])
def test_an_offset_outside_of_the_log_is_refused(offset: int) -> None:
    assert start(offset, SourcePosition(HERE, offset)) == Exit.OFFSETS
    assert start(offset, None, keeps=False) == Exit.OFFSETS
    assert start(None, SourcePosition(HERE, offset)) == Exit.OFFSETS


def test_a_mark_is_read_as_it_was_written() -> None:
    assert decode_position(SourcePosition(HERE, 42, "plan-1").encode()) == SourcePosition(HERE, 42, "plan-1")


def test_a_mark_of_the_first_release_is_read() -> None:
    assert decode_position(b'{"topic_id":"aa","offset":42}') == SourcePosition(HERE, 42)
