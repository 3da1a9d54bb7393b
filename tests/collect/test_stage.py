"""What collect writes besides events: what a source says of itself stands behind the events that it speaks of."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings, WatermarkSettings
from streamproc.collect.stage import SILENT, Collector
from streamproc.events.address import NO_ADDRESSES
from streamproc.events.log import CONTROL_KEY, TIMEKEEPER, decode_record, encode_event
from streamproc.events.source import SourceProgressed
from streamproc.events.times import LAST_MS
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import OutputRecord, PartitionContext
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.state.keyed import NoStates
from tests.builders import NOON, NOON_MS, at, raw
from tests.measure.measuring import Read

CLICKS = "shop.clickstream.v1"


def collector(idle: str) -> Collector:
    watermark = WatermarkSettings.model_validate({"idle": idle})
    settings = CollectSettings(topics=(CLICKS,), watermark=watermark)
    context: PartitionContext[Any] = PartitionContext(CLICKS, 1, "id", NoStates(), {CLICKS: 3, LOG_TOPIC: 2})
    return Collector(settings, {CLICKS: RawTopic(CLICKS, frozenset({"clickstream"}))}, NO_ADDRESSES, SILENT, context)


def collected(idle: str) -> list[OutputRecord]:
    progressed = encode_event(SourceProgressed(through=at(hours=2)))
    records = [Read(CLICKS, value, 1, offset, NOON_MS) for offset, value in enumerate([raw(), progressed])]
    return collector(idle).process(records)


def test_in_historical_data_a_mark_for_the_timekeeper_follows_the_events() -> None:
    event, mark = collected("hold")
    assert event.key == b"c/ada"
    assert (mark.key, mark.partition) == (CONTROL_KEY, TIMEKEEPER)
    told = orjson.loads(mark.value or b"")["event"]
    assert told["through"] == {CLICKS: {"1": NOON_MS + 2 * 3_600_000}}
    assert told["partitions"] == {CLICKS: 3}


@pytest.mark.parametrize("record_ms", [LAST_MS + 1, 253_402_300_800_000, 2**62])
def test_a_record_beyond_all_dates_that_moves_time_ends_nobody(record_ms: int) -> None:
    progressed = encode_event(SourceProgressed(through=at(hours=2)))
    assert len(collector("hold").process([Read(CLICKS, progressed, 1, 0, record_ms)])) == 1


def test_in_live_operation_marks_are_written_by_the_clock_alone() -> None:
    assert [emitted.key for emitted in collected("wall_clock")] == [b"c/ada"]


@pytest.mark.parametrize(("idle", "hours"), [("hold", 2), ("wall_clock", 0)])
def test_a_source_that_speaks_of_the_future_is_believed_in_historical_data_only(idle: str, hours: int) -> None:
    its = collector(idle)
    its.process([Read(CLICKS, encode_event(SourceProgressed(through=at(hours=2))), 1, 0, NOON_MS)])
    its.cut()
    its.committed()
    assert its.completeness.through_ms == NOON_MS + hours * 3_600_000


def test_a_batch_that_cannot_be_read_is_one_dead_letter_with_its_first_and_last_offset() -> None:
    batch = Unreadable(CLICKS, 1, 7, 9, -1, None, b"the batch", (), "unknown codec 5")
    (letter,) = collector("hold").process([batch])
    told = dict(letter.headers)
    assert (letter.topic, letter.key, letter.value) == (f"{CLICKS}.dlq", None, b"the batch")
    assert (told["dlq-reason"], told["dlq-detail"]) == (b"unreadable_record", b"unknown codec 5")
    assert (told["dlq-offset"], told["dlq-last-offset"]) == (b"7", b"9")


def test_a_single_record_that_cannot_be_read_has_one_offset_and_keeps_its_key() -> None:
    record = Unreadable(CLICKS, 1, 7, 7, NOON_MS, b"key", raw(), (("\\xff", b"x"),), "the name of a header is no UTF-8")
    (letter,) = collector("hold").process([record])
    assert (letter.key, letter.value, dict(letter.headers)["dlq-offset"]) == (b"key", raw(), b"7")
    assert "dlq-last-offset" not in dict(letter.headers)
    assert letter.headers[-1] == ("\\xff", b"x")


def test_the_log_says_of_history_that_it_is_history() -> None:
    old = raw(occurred_at="2020-01-01T00:00:00Z")
    logged = collector("wall_clock").process([Read(CLICKS, each, 1, 0, NOON_MS) for each in (old, raw())])
    assert [decode_record(each.value or b"").backfill for each in logged] == [True, False]


def test_an_event_whose_record_has_no_time_is_taken_with_its_own() -> None:
    (logged,) = collector("wall_clock").process([Read(CLICKS, raw(), 1, 0, -1)])
    record = decode_record(logged.value or b"")
    assert record.at == record.received_at == NOON


@given(key=st.none() | st.binary(max_size=64) | st.just(b"c/somebody-else") | st.just(bytes(900_000)))
def test_the_key_of_a_raw_message_never_matters(key: bytes | None) -> None:
    events = [Read(CLICKS, value, 1, offset, NOON_MS, key) for offset, value in enumerate([raw(), b"no event"])]
    logged, letter = collector("wall_clock").process(events)
    assert (logged.key, logged.value) == (b"c/ada", collected("wall_clock")[0].value)
    assert (letter.key, letter.value) == (key, b"no event")


def test_a_record_that_has_no_time_is_named_where_the_event_s_cannot_be_either() -> None:
    (letter,) = collector("wall_clock").process([Read(CLICKS, raw(occurred_at="1999-01-01T00:00:00Z"), 1, 0, 0)])
    assert b"the record's own time is not in milliseconds: 0" in dict(letter.headers)["dlq-detail"]
