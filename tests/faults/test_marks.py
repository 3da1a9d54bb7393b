"""Event time is told too early only if a record that was to stand in front does not; the clock needs no record."""

import orjson
import pytest

from streamproc.events.log import CONTROL_KEY
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import InputRecord
from tests.faults.dumped import Dump, Place
from tests.faults.marks import told_too_early
from tests.faults.oracle import Expected

CLICKS, MAIL = ("shop.clickstream.v1", 0), ("shop.email.v1", 0)
NOW = 1_000_000


def mark(place: Place, through_ms: int) -> tuple[bytes, object]:
    return CONTROL_KEY, {"event": {"type": "mark", "through": {place[0]: {str(place[1]): through_ms}}}}


def complete(through_ms: int) -> tuple[bytes, object]:
    return CONTROL_KEY, {"event": {"type": "complete", "hops": 0, "through_ms": through_ms}}


def mail(offset: int) -> tuple[bytes, object]:
    return b"c/ada", {"src": {"topic": MAIL[0], "partition": MAIL[1], "offset": offset}, "event": {"type": "sent"}}


def late(*records: tuple[bytes, object]) -> int:
    """How much is late in a log of one partition: clicks reach 100, 200 and 300, mail reaches 50, 250 and 400."""
    log = [
        InputRecord(LOG_TOPIC, 0, number, NOW, key, orjson.dumps(value), ())
        for number, (key, value) in enumerate(records)
    ]
    expected = Expected(reached={CLICKS: [(0, 100), (1, 200), (2, 300)], MAIL: [(0, 50), (1, 250), (2, 400)]})
    return len(list(told_too_early(Dump(records={(LOG_TOPIC, 0): log}), expected)))


def test_what_a_mark_speaks_of_stands_in_front() -> None:
    assert late(mail(0), mail(1), mark(MAIL, 250), mail(2)) == 0
    assert late(mail(0), mark(MAIL, 250), mail(1)) == 1


def test_what_the_timekeeper_tells_needs_the_records_of_all() -> None:
    assert late(mail(0), mail(1), mark(MAIL, 250), mark(CLICKS, 200), complete(200), mail(2)) == 0
    assert late(mail(0), mark(CLICKS, 200), complete(200), mail(1)) == 1


@pytest.mark.parametrize("through", [200, 300])
def test_what_the_clock_has_brought_further_needs_none(through: int) -> None:
    assert late(mail(0), mark(MAIL, NOW), mark(CLICKS, through), complete(through), mail(1), mail(2)) == 0


def test_what_the_clock_brings_later_excuses_nothing() -> None:
    assert late(mail(0), mark(CLICKS, 200), complete(200), mark(MAIL, NOW), mail(1)) == 1
