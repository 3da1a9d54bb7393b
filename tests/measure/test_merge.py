"""The parts of a window: which of two counts."""

import pytest

from streamproc.measure.merge import is_newer
from streamproc.measure.partials import Part
from streamproc.measure.sums import Sums


@pytest.mark.parametrize(("sequence", "newer"), [(1, False), (2, False), (3, True)])
def test_a_part_replaces_an_older_one_but_not_itself(sequence: int, newer: bool) -> None:
    held = Part(Sums(0, {"orders": 2}), 2, changed=False)
    assert is_newer(Part(Sums(0, {"orders": 9}), sequence, changed=False), held) is newer


def test_the_first_part_of_a_window_is_new() -> None:
    assert is_newer(Part(Sums(0, {})), None)


def test_each_report_has_the_next_number_also_after_more_facts() -> None:
    first = Part(Sums(0, {"orders": 1})).reported()
    second = first.plus(Sums(0, {"orders": 1})).reported()
    assert (first.sequence, second.sequence) == (1, 2)
    assert is_newer(second, first)
