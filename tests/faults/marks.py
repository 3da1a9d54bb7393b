"""What is said of event time, beside the records that it speaks of."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter

import orjson

from streamproc.events.log import CONTROL_KEY, DIRECTLY, TIMEKEEPER
from streamproc.events.topics import LOG_TOPIC
from tests.faults.clock_marks import told_by
from tests.faults.difference import Difference
from tests.faults.dumped import Dump, Place
from tests.faults.oracle import Expected


def told_too_early(dump: Dump, expected: Expected) -> Iterator[Difference]:
    """What is said of event time must be true: what a raw partition had until then stands before it.

    A mark speaks of some raw partitions to the timekeeper, and that of all of them to each partition of the log. What
    the clock has brought so far, no record has: of that nothing can be said here (`clock_marks.py` does).
    """
    moved_by_clock = _moved_by_clock(dump, expected)
    for place in (place for place in dump.records if place[0] == LOG_TOPIC):
        complete: dict[Place, tuple[int, int]] = {}
        for read in dump.records[place]:
            content = orjson.loads(read.value or b"")
            if read.key != CONTROL_KEY:
                origin = content["src"]
                until, mark = complete.get((origin["topic"], origin["partition"]), (-1, -1))
                if origin["offset"] <= until:
                    yield Difference("late", f"{place[0]}-{place[1]}", f"{origin} stands behind the mark at {mark}")
            else:
                event = content["event"]
                by_clock = moved_by_clock.get(event["through_ms"], ()) if event["type"] == "complete" else ()
                for source, moment in told_by(event, expected.reached.keys() - by_clock):
                    until = _complete_until(expected.reached.get(source, []), moment)
                    if until > complete.get(source, (-1, -1))[0]:
                        complete[source] = until, read.offset


def _moved_by_clock(dump: Dump, expected: Expected) -> dict[int, set[Place]]:
    """For each moment that the timekeeper has told: the raw partitions that the clock had brought there before."""
    clocks: dict[Place, int] = {}
    found: dict[int, set[Place]] = {}
    for read in dump.records[LOG_TOPIC, TIMEKEEPER]:
        if read.key != CONTROL_KEY:
            continue
        event = orjson.loads(read.value or b"")["event"]
        if event["type"] == "complete" and event["hops"] == DIRECTLY:
            found[event["through_ms"]] = {source for source, clock in clocks.items() if clock >= event["through_ms"]}
        elif event["type"] == "mark":
            for source, moment in told_by(event, ()):
                if _complete_until(expected.reached.get(source, []), moment) < 0:
                    clocks[source] = max(moment, clocks.get(source, moment))
    return found


def _complete_until(history: list[tuple[int, int]], moment: int) -> int:
    """The raw offset that has brought event time so far; -1 if the clock has, of which nothing can be said here."""
    index = bisect_left(history, moment, key=itemgetter(1))
    return history[index][0] if index < len(history) else -1
