"""The time at which a raw message was received: the record's, or that of its header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.received import RECEIVED_AT, received_header, received_ms

NOW_MS = 1_795_000_000_000


def test_without_the_header_it_is_kafkas_time() -> None:
    assert received_ms(NOW_MS, ()) == NOW_MS
    assert received_ms(NOW_MS, [("trace", b"1291191960000")]) == NOW_MS


@given(at_ms=st.integers(0, NOW_MS))
def test_what_the_header_says_of_the_past_counts(at_ms: int) -> None:
    assert received_ms(NOW_MS, [("trace", None), received_header(at_ms)]) == at_ms


@given(at_ms=st.integers(NOW_MS, 2**63))
def test_nothing_is_received_after_it_was_written(at_ms: int) -> None:
    assert received_ms(NOW_MS, [received_header(at_ms)]) == NOW_MS


@pytest.mark.parametrize("value", [None, b"", b"-1", b"1e12", b"2011-12-09", b" 1", b"9" * 5_000, "١٢".encode()])
def test_a_header_that_nobody_understands_does_not_count(value: bytes | None) -> None:
    assert received_ms(NOW_MS, [(RECEIVED_AT, value)]) == NOW_MS
