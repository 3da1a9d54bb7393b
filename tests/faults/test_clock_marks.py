"""The law about marks by the clock, on a made-up dump."""

import pytest

from streamproc.events.log import CONTROL_KEY, DIRECTLY, Complete, Origin, WatermarkRecord, encode_record
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import InputRecord
from tests.builders import NOON_MS, view
from tests.faults.clock_marks import late_for_clock
from tests.faults.dumped import Dump

RAW, LATENESS_MS = "raw", 5_000


MARK = WatermarkRecord(through={RAW: {0: NOON_MS - LATENESS_MS}}, partitions={RAW: 1})
COMPLETE = Complete(hops=DIRECTLY, through_ms=NOON_MS - LATENESS_MS)


def dump(*taken_ms: int, said: WatermarkRecord | Complete = MARK) -> Dump:
    """A log in which noon by the clock is said, and behind it events that Kafka took then."""
    log = [InputRecord(LOG_TOPIC, 0, 0, 0, CONTROL_KEY, encode_record(said, NOON_MS, NOON_MS), ())]
    for number in range(len(taken_ms)):
        value = encode_record(view(), NOON_MS, NOON_MS, Origin(topic=RAW, partition=0, offset=number))
        log.append(InputRecord(LOG_TOPIC, 0, 1 + number, 0, b"c/ada", value, ()))
    raw = [InputRecord(RAW, 0, number, taken, None, b"", ()) for number, taken in enumerate(taken_ms)]
    return Dump({(LOG_TOPIC, 0): log, (RAW, 0): raw})


def test_what_kafka_took_after_the_mark_may_stand_behind_it() -> None:
    assert list(late_for_clock(dump(NOON_MS, NOON_MS + 1), LATENESS_MS)) == []


@pytest.mark.parametrize("said", [MARK, COMPLETE])
def test_what_kafka_had_taken_before_must_not(said: WatermarkRecord | Complete) -> None:
    (late,) = late_for_clock(dump(NOON_MS - 300, NOON_MS, said=said), LATENESS_MS)
    assert late.kind == "late"
    assert "was taken 300 ms before the mark at 0" in late.what
