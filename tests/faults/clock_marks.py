"""Marks that the clock made: what Kafka had taken by then stands in front of them.

A mark that says "this raw partition is complete to t" was written when the clock showed at least t and the lateness,
and after everything that stood in the raw partition then was committed. So whatever of it stands behind the mark, Kafka
took later than that. The timekeeper says of all raw partitions what the slowest of them said, to each partition of the
log, so the same holds there. In the raw topics of a run by the clock the records bear the time of Kafka's taking them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from streamproc.events.log import CONTROL_KEY
from streamproc.events.topics import LOG_TOPIC
from tests.faults.difference import Difference
from tests.faults.dumped import Dump, Place

HIDDEN_MS = 20
"""So long Kafka may have a record, with its time, before those who ask for the end hear of it.

With replicas: until the others have it, too, which takes seconds when one is lost. Lateness is there for that.
"""


def late_for_clock(dump: Dump, lateness_ms: int, hidden_ms: int = HIDDEN_MS) -> Iterator[Difference]:
    """Events that stand behind a mark though Kafka had taken them before it was made."""
    taken_ms = {(raw, read.offset): read.timestamp for raw, records in dump.records.items() for read in records}
    sources = [place for place in dump.records if place[0] != LOG_TOPIC]
    for place in (place for place in dump.records if place[0] == LOG_TOPIC):
        clocks: dict[Place, tuple[int, int]] = {}
        for read in dump.records[place]:
            content = orjson.loads(read.value or b"")
            if read.key != CONTROL_KEY:
                origin = content["src"]
                raw = origin["topic"], origin["partition"]
                clock, mark = clocks.get(raw, (-1, -1))
                taken = taken_ms[raw, origin["offset"]]
                if taken < clock - hidden_ms:
                    what = f"{origin} was taken {clock - taken} ms before the mark at {mark}, and stands behind it"
                    yield Difference("late", f"{place[0]}-{place[1]}", what)
            else:
                for raw, through in told_by(content["event"], sources):
                    clocks[raw] = max(clocks.get(raw, (-1, -1)), (through + lateness_ms, read.offset))


def told_by(event: dict[str, Any], raw: Iterable[Place]) -> Iterator[tuple[Place, int]]:
    """What is said of the time of each raw partition: of some by a mark, of all when event time moves."""
    match event["type"]:
        case "mark":
            for topic, reached in event["through"].items():
                yield from (((topic, int(number)), moment) for number, moment in reached.items())
        case "complete":
            yield from ((place, event["through_ms"]) for place in raw)
