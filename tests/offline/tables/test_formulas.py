"""The rejected rows are harmless in a spreadsheet, and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.tables.formulas import bare, guarded

CELLS = st.text("'=+-@\t\r\n 1a,.%\uff1d") | st.text()


@given(CELLS)
def test_a_guarded_cell_comes_back_as_it_was(cell: str) -> None:
    assert bare(guarded(cell)) == cell


@given(CELLS)
def test_no_cell_but_a_number_begins_as_a_formula_does(cell: str) -> None:
    shown = guarded(cell).lstrip(" ")
    assert not shown.startswith(("=", "@", "\t", "\r", "\n"))
    assert not shown.startswith(("+", "-")) or not set(shown) - set("+-0123456789., %")


@pytest.mark.parametrize("number", ["1", "-12.50", "+3", "-1,234.5", "-5 %", "17850"])
def test_a_number_stays_a_number(number: str) -> None:
    assert guarded(number) == number
