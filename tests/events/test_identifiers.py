"""An id is written in one way, and everything in it can be seen."""

import unicodedata

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamproc.events.adapters.native import parse
from streamproc.events.clickstream import CartAdded
from streamproc.events.identifiers import plain_id
from streamproc.events.log import Origin, decode_record, encode_record
from streamproc.events.rejected import Reason, Rejected


def added(**changes: object) -> CartAdded | Rejected:
    event = {
        "event_id": "e",
        "type": "cart_added",
        "occurred_at": "2026-01-01T00:00:00Z",
        "customer_id": "c",
        "sku": "s",
    }
    parsed = parse(orjson.dumps(event | changes))
    assert isinstance(parsed, CartAdded | Rejected)
    return parsed


@pytest.mark.parametrize("field", ["event_id", "customer_id", "anonymous_id", "sku"])
@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x1b",
        "\n",
        "\x7f",
        "\x9b",
        "\xa0",
        "\xad",
        "\u200b",
        "\u202e",
        "\u2028",
        "\u3000",
        "\ufeff",
        "\U000e0041",
    ],
)
def test_an_id_with_a_character_that_nobody_sees_is_a_dead_letter(field: str, character: str) -> None:
    found = added(**{field: f"a{character}b"})
    assert isinstance(found, Rejected)
    assert found.reason is Reason.WRONG_VALUE
    assert field in found.detail


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (" c1 ", "c1"),
        ("cafe\u0301", "caf\u00e9"),
        ("caf\u00e9", "caf\u00e9"),
        ("\xa0c1\t", "c1"),
        ("two words", "two words"),
        ("\U0001f6d2", "\U0001f6d2"),
        ("[/red]", "[/red]"),
    ],
)
def test_an_id_is_trimmed_and_composed(given_: str, kept: str) -> None:
    found = added(customer_id=given_, sku=given_)
    assert isinstance(found, CartAdded)
    assert (found.customer_id, found.sku) == (kept, kept)


def test_an_id_of_spaces_is_none() -> None:
    assert isinstance(added(customer_id="  "), Rejected)


@example("0\x1f")
@given(st.text(max_size=140))
def test_the_border_the_log_and_the_command_agree_on_an_id(text: str) -> None:
    found = added(customer_id=text)
    try:
        plain = plain_id(text)
    except ValueError:
        assert isinstance(found, Rejected)
        return
    assert isinstance(found, CartAdded)
    assert found.customer_id == plain == plain_id(plain) == unicodedata.normalize("NFC", plain)
    record = encode_record(found, 0, 0, Origin(topic="t", partition=0, offset=1))
    assert encode_record(decode_record(record).event, 0, 0, Origin(topic="t", partition=0, offset=1)) == record
