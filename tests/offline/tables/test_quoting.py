"""Quotes are read strictly: a wrong one costs its own line, and every line of the file is accounted for."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.tables.format import FileFormat
from streamproc.offline.tables.quoting import Cut, cut

FORM = FileFormat()


def rows(text: str, width: int | None = 3) -> list[Cut]:
    return list(cut(io.StringIO(text, newline=""), FORM, width))


def good(text: str) -> list[list[str]]:
    return [found.cells for found in rows(text) if found.wrong is None]


def test_a_quote_that_is_never_closed_costs_its_own_line() -> None:
    found = rows('1,"15in,5\n2,b,5\n3,c,5\n')
    assert [(each.line, each.cells, each.wrong is None) for each in found] == [
        (1, ["1", '"15in,5'], False),
        (2, ["2", "b", "5"], True),
        (3, ["3", "c", "5"], True),
    ]


def test_a_quote_that_a_later_row_closes_wrongly_costs_its_own_line() -> None:
    assert good('1,"15in,5\n2,b,5\n3,"c ""d""",5\n') == [["2", "b", "5"], ["3", 'c "d"', "5"]]


def test_rows_that_a_quote_has_swallowed_are_all_given_back() -> None:
    found = rows('1,"15in,5\n2,b,5\n3,c",5\n4,d,5\n')
    assert [(each.line, each.wrong is None) for each in found] == [(1, False), (2, False), (3, False), (4, True)]
    assert found[1].cells == ["2", "b", "5"]
    assert "lines 1 to 3" in (found[0].wrong or "")


def test_a_cell_may_go_over_several_lines_if_it_does_not_look_like_rows() -> None:
    assert rows('1,"two\r\nlines, one comma",5\n2,b,5\n') == [
        Cut(1, 2, ["1", "two\r\nlines, one comma", "5"]),
        Cut(3, 1, ["2", "b", "5"]),
    ]


@pytest.mark.parametrize("line", ['1,"15\\" Monitor, big",5', '1,"15" Monitor,5', '1,a,"b" c'])
def test_a_quote_within_a_quoted_cell_must_be_doubled(line: str) -> None:
    first, second = rows(f"{line}\n2,b,5\n")
    assert first.wrong
    assert ",".join(first.cells).replace("1,", "", 1) in line
    assert second.cells == ["2", "b", "5"]


def test_a_quote_within_an_unquoted_cell_is_a_quote() -> None:
    assert good("1,15\" Monitor,5\n2,'x,5\n") == [["1", '15" Monitor', "5"], ["2", "'x", "5"]]


def test_a_quoted_cell_may_be_padded_with_blanks_before_it() -> None:
    assert good('1, "a, b", 5\n') == [["1", "a, b", "5"]]


@given(st.text('ab,"\n\r ', max_size=60))
def test_every_line_is_in_exactly_one_row(text: str) -> None:
    lines = list(io.StringIO(text, newline=""))
    place = 1
    for found in rows(text):
        assert found.line == place
        place += found.lines
    assert place == len(lines) + 1


@given(st.lists(st.lists(st.text('ab"\n x', max_size=5), min_size=3, max_size=3), max_size=6))
def test_what_is_written_rightly_is_read_as_it_was(table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(table)
    assert good(text.getvalue()) == table
