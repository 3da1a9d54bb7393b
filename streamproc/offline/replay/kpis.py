"""What all partitions say together: their partial sums, in the order of event time, become KPIs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from operator import attrgetter
from typing import NamedTuple

import orjson

from streamproc.offline.replay.partition import Place, ReplayedPartition
from streamproc.offline.replay.setup import Setup
from streamproc.stages import measure
from streamproc.stages.processor import Emitted
from streamproc.stages.topic_names import PARTIALS_TOPIC


class Report(NamedTuple):
    """What one partition says until its event time moves on: records, the last of which is the progress."""

    through_ms: int
    partition: int
    records: list[Emitted]


def reports(emitted: Iterable[Emitted], partition: int) -> Iterator[Report]:
    """Cut what a partition wrote to a topic that all partitions share at each progress in it."""
    records: list[Emitted] = []
    for each in emitted:
        records.append(each)
        message = orjson.loads(each.value or b"{}") if b'"progress"' in (each.value or b"") else {}
        if message.get("type") == "progress":
            yield Report(message["through_ms"], partition, records)
            records = []
    if records:
        yield Report(2**63 - 1, partition, records)


def in_event_time(parts: Sequence[Iterable[Emitted]]) -> Iterator[Emitted]:
    """One order of what all partitions wrote to one topic: by event time, then by the partition's number."""
    streams = [reports(part, partition) for partition, part in enumerate(parts)]
    for report in merge(*streams, key=attrgetter("through_ms", "partition")):
        yield from report.records


class Kpis:
    """The second step of measure: the partitions' sums, in the order of event time, to KPIs."""

    def __init__(self, setup: Setup, encoded: Mapping[bytes, bytes] | None = None) -> None:
        source = measure.stage(setup.kpi_plan, setup.plan.version).sources[1]
        self._merger = ReplayedPartition(source, Place(PARTIALS_TOPIC, 0), setup.partitions, encoded)

    def merge(self, parts: Sequence[Iterable[Emitted]]) -> Iterator[Emitted]:
        """All KPI records that the partial sums of all partitions give."""
        for partial_sum in in_event_time(parts):
            yield from self._merger.pass_on([partial_sum])

    def states(self) -> Iterator[tuple[str, int, bytes, bytes]]:
        """The states at the end, as those of a shard."""
        for key, value in sorted(self._merger.states().items()):
            yield str(self._merger.changelog), 0, key, value
