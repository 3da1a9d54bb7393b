"""Numbers of tables: as every country writes them, and never silently as another country does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.tables.numbers import exact
from streamproc.offline.tables.values import Reading

MARKS = st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'"), (".", ""), (",", "")])


@pytest.mark.parametrize("text", ["1,234.50", "1234.5", "$1,234.50", "1,234.50 €", "+1,234.5", "1.2345e3", " 1234.50 "])
def test_a_number_may_have_thousands_marks_a_currency_sign_and_blanks(text: str) -> None:
    assert exact(text, ".", ",") == Decimal("1234.5")


@pytest.mark.parametrize("text", ["1 234,50", "1\u00a0234,50", "1\u202f234,50", "1\u2009234,50", "€ 1 234,50"])
def test_a_thousands_blank_may_be_any_blank(text: str) -> None:
    assert exact(text, ",", " ") == Decimal("1234.5")


@pytest.mark.parametrize("text", ["-12.50", "12.50-", "(12.50)", "\u221212.50", "-$12.50", "$-12.50", "($12.50)"])
def test_less_than_nothing_is_written_in_many_ways(text: str) -> None:
    assert exact(text, ".", ",") == Decimal("-12.5")


@pytest.mark.parametrize(
    "text",
    ["12,50", "1,5", ",5", "1,,,2", "0,500", "1,2345", "12,345,6", "1234,567", "1,234.567,8", "1.2.3", "", "-", "$",
     ".", "(1", "1)", "-(1)", "--1", "1-2", "$1€", "1_000", "nan", "inf", "0x1", "1e999", "\uff11\uff12", "'5", "12¢"],
)  # fmt: skip
def test_what_is_no_number_by_the_file_s_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no number"):
        exact(text, ".", ",")


@given(st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6), MARKS)
def test_a_number_written_by_some_marks_is_read_by_them(number: Decimal, marks: tuple[str, str]) -> None:
    decimal, thousands = marks
    written = f"{number:,f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    assert exact(written, decimal, thousands) == number


@given(st.text("0123456789.,", max_size=9))
def test_no_text_is_two_different_amounts_unless_three_digits_stand_behind_a_lone_mark(text: str) -> None:
    read = set()
    for decimal, thousands in ((".", ","), (",", ".")):
        try:
            read.add(exact(text, decimal, thousands))
        except ValueError:
            continue
    ambiguous = text.count(".") + text.count(",") == 1 and len(text.replace(",", ".").rpartition(".")[2]) == 3
    assert len(read) <= 1 or ambiguous


READING = Reading(".", "", "iso8601", "UTC")


def test_amounts_are_rounded_to_the_micro() -> None:
    assert READING.money("0.30000000000000004") == 300_000
    assert READING.money("8.264462809917356") == 8_264_463


def test_a_number_of_pieces_may_have_a_computer_s_noise_and_no_fraction() -> None:
    assert READING.number("2.9999999999999996") == 3
    assert READING.number("3.0") == 3
    with pytest.raises(ValueError, match="no whole number"):
        READING.number("0.75")
