"""What is shown is harmless whatever it was, and readable text stays as it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.printable import printable

ANYTHING = st.text(st.characters(categories=["C", "Z", "L", "N", "P", "S", "M"]))
OBEYED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANYTHING)
def test_nothing_that_a_terminal_obeys_or_nobody_sees_is_left(text: str) -> None:
    assert {unicodedata.category(each) for each in printable(text)}.isdisjoint(OBEYED)


@given(ANYTHING)
def test_what_is_printable_is_printed_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    "text",
    [
        "a plain text",
        "Zo\u00eb M\u00fcller",
        "\u8336\u676f",
        "\u05de\u05e8\u05d9\u05dd",
        "\U0001f6d2 [/red] 5 %",
        "e\u0301",
    ],
)
def test_readable_text_of_all_scripts_stays(text: str) -> None:
    assert printable(text) == text
