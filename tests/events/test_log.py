import orjson
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from streamproc.customer.codec import encode
from streamproc.customer.folds import fold
from streamproc.events.adapters.native import parse
from streamproc.events.log import Origin, WatermarkRecord, decode_record, encode_event, encode_record
from streamproc.events.raw import Event
from streamproc.events.times import epoch_ms, parse_rfc3339
from tests.builders import NOON_MS, entry, raw
from tests.strategies import events


@settings(deadline=None)
@given(events)
def test_what_is_written_to_the_customer_log_is_what_is_read(event: Event) -> None:
    record = decode_record(encode_record(event, NOON_MS, NOON_MS + 5, Origin(topic="t", partition=1, offset=7)))
    assert record.event == event
    assert (epoch_ms(record.at), epoch_ms(record.received_at)) == (NOON_MS, NOON_MS + 5)
    assert record.src == Origin(topic="t", partition=1, offset=7)


@settings(deadline=None)
@given(events)
def test_an_event_s_own_bytes_parse_to_the_event(event: Event) -> None:
    assert parse(encode_event(event)) == event


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = WatermarkRecord(through={"shop.email.v1": {0: NOON_MS, 11: -1}}, partitions={"shop.email.v1": 12})
    assert decode_record(encode_record(mark, NOON_MS, NOON_MS)).event == mark


def test_a_record_that_collect_did_not_write_is_refused() -> None:
    with pytest.raises(ValidationError):
        decode_record(raw())


def test_an_id_in_the_log_is_not_checked_again() -> None:
    event = parse(raw())
    record = encode_record(event, NOON_MS, NOON_MS)  # type: ignore[arg-type]  # it is an event
    unchecked = record.replace(b'"event_id":"', b'"event_id":" ')
    assert unchecked != record
    assert decode_record(unchecked).event.event_id.startswith(" ")  # type: ignore[union-attr]  # it is an event


def test_absent_fields_are_left_out_but_a_trait_that_is_taken_back_is_not() -> None:
    event = parse(raw(type="identified", traits={"city": None}))
    values = orjson.loads(encode_event(event))  # type: ignore[arg-type]  # it is an event
    assert "source" not in values
    assert values["traits"] == {"city": None}


@pytest.mark.parametrize("number", [2**63, -(2**63), 10**30])
def test_a_trait_beyond_64_bits_can_be_stored(number: int) -> None:
    event = parse(raw(type="identified", traits={"n": number}))
    assert encode(fold(None, entry(event)))  # type: ignore[arg-type]  # it is an event


def test_a_time_without_a_zone_is_told_how_to_get_one() -> None:
    with pytest.raises(ValueError, match="write for example 2024-05-01T12:00Z"):
        parse_rfc3339("2024-05-01T12:00")
