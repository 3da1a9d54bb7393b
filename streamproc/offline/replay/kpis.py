"""What all partitions say together: their partial sums, in the order of event time, become KPIs."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from streamproc.events.topics import PARTIALS_TOPIC
from streamproc.measure import stage as measure
from streamproc.offline.replay.partition import Place, ReplayedPartition
from streamproc.offline.replay.setup import ReplayConfig
from streamproc.processor.api import OutputRecord

T = TypeVar("T")

_PROGRESS = b'"type":"progress"'
_THROUGH = re.compile(rb'"through_ms":(-?\d+)')
_THE_END = 2**63 - 1
_RUN = 1_000


class Report(NamedTuple, Generic[T]):
    """What one partition says until its event time moves on: records, the last of which is the progress."""

    through_ms: int
    partition: int
    records: list[T]


def in_event_time(parts: Sequence[Iterable[T]], text: Callable[[T], bytes]) -> Iterator[T]:
    """One order of what all partitions wrote to one topic: by event time, then by the partition's number.

    Args:
        parts: the records of each partition, in its order.
        text: the message of a record, as text that holds it unescaped.
    """
    streams = [_reports(part, partition, text) for partition, part in enumerate(parts)]
    for report in merge(*streams, key=itemgetter(0, 1)):
        yield from report.records


def _reports(part: Iterable[T], partition: int, text: Callable[[T], bytes]) -> Iterator[Report[T]]:
    """Cut what a partition wrote at each progress in it."""
    records: list[T] = []
    for each in part:
        records.append(each)
        if _PROGRESS in text(each) and (through := _THROUGH.search(text(each))):
            yield Report(int(through[1]), partition, records)
            records = []
    if records:
        yield Report(_THE_END, partition, records)


class Kpis:
    """The second step of measure: the partitions' sums, in the order of event time, to KPIs."""

    def __init__(self, setup: ReplayConfig, encoded: Mapping[bytes, bytes] | None = None) -> None:
        source = measure.stage(setup.kpi_plan, setup.plan.version).sources[1]
        self._merger = ReplayedPartition(source, Place(PARTIALS_TOPIC, 0), setup.partitions, encoded)

    def merge(self, messages: Iterable[bytes]) -> Iterator[OutputRecord]:
        """All KPI records that the partial sums of all partitions give, which come in event time."""
        partials = (OutputRecord(PARTIALS_TOPIC, None, message, 0) for message in messages)
        while run := list(islice(partials, _RUN)):
            yield from self._merger.pass_on(run)

    def states(self) -> Iterator[tuple[str, int, bytes, bytes]]:
        """The states at the end, as those of a shard."""
        for key, value in sorted(self._merger.states().items()):
            yield str(self._merger.changelog), 0, key, value
