"""Reading a stretch of topics: from one moment to another, committed records only, merged in the order of time.

The order is that in which messages were received, as far as each partition allows it: a partition's own order stays.
"""

from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Any

from aiokafka import TopicPartition

from streamproc.events.received import received_ms
from streamproc.processor.api import Record
from streamproc.runtime.client.reading import committed_consumer, readable
from streamproc.runtime.client.topic_ids import describe

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The records of a partition from offset `begin` to before `end`; `topic` is its name on the cluster."""

    topic: str
    topic_id: str
    partition: int
    begin: int
    end: int

    @property
    def place(self) -> TopicPartition:
        """The partition."""
        return TopicPartition(self.topic, self.partition)

    def after(self, offset: int) -> "Stretch":
        """What is left behind a record."""
        return replace(self, begin=offset + 1)


async def find_stretches(
    client: Mapping[str, Any], topics: Sequence[str], from_ms: int | None, to_ms: int | None
) -> list[Stretch]:
    """What there is of topics now, from the first record at `from_ms` or later to before the first at `to_ms` or later.

    Raises:
        LookupError: a topic does not exist.
        aiokafka.errors.KafkaError: Kafka cannot be asked.
    """
    found = await describe(client, topics)
    for topic in topics:
        if topic not in found:
            raise LookupError(f"topic {topic} does not exist; `streamproc topics list` shows those that do")
    places = [TopicPartition(topic, number) for topic in topics for number in range(found[topic].partitions)]
    async with committed_consumer(client) as consumer:
        consumer.assign(places)
        begins = await consumer.beginning_offsets(places)
        ends = await consumer.end_offsets(places)
        first = await _at(consumer, places, from_ms)
        last = await _at(consumer, places, to_ms)
    stretches = []
    for place in places:
        end = ends[place] if last.get(place) is None else min(ends[place], last[place])
        begin = begins[place] if from_ms is None else first.get(place, end)
        stretches.append(Stretch(place.topic, found[place.topic].topic_id, place.partition, min(begin, end), end))
    return stretches


async def read_stretches(client: Mapping[str, Any], stretches: Sequence[Stretch]) -> AsyncIterator[Record]:
    """Their records, in the order of time."""
    async with committed_consumer(client) as consumer:
        open_ones = {stretch.place: _Queue(stretch) for stretch in stretches if stretch.begin < stretch.end}
        consumer.assign(list(open_ones))
        for place, queue in open_ones.items():
            consumer.seek(place, queue.stretch.begin)
        empty, heads = set(open_ones), list[tuple[int, TopicPartition]]()
        while empty or heads:
            if empty:
                await _fill(consumer, open_ones, empty, heads)
                continue
            _, place = heappop(heads)
            queue = open_ones[place]
            yield queue.records.popleft()
            if queue.records:
                heappush(heads, (queue.time, place))
            else:
                empty.add(place)


class _Queue:
    """Records of one partition that were read ahead; its time never goes back."""

    def __init__(self, stretch: Stretch) -> None:
        self.stretch = stretch
        self.records: deque[Record] = deque()
        self._time = 0

    @property
    def time(self) -> int:
        head = self.records[0]
        self._time = max(self._time, received_ms(head.timestamp, head.headers))
        return self._time


async def _fill(
    consumer: Any,
    queues: Mapping[TopicPartition, _Queue],
    empty: set[TopicPartition],
    heads: list[tuple[int, TopicPartition]],
) -> None:
    """Read on in the partitions that have nothing left; what has something again or is at its end is taken out."""
    for place, records in (await consumer.getmany(*empty, timeout_ms=200, max_records=_AT_ONCE)).items():
        end = queues[place].stretch.end
        queues[place].records.extend(readable(record for record in records if record.offset < end))
    for place in tuple(empty):
        queue = queues[place]
        if queue.records:
            heappush(heads, (queue.time, place))
        if queue.records or await consumer.position(place) >= queue.stretch.end:
            empty.discard(place)


async def _at(consumer: Any, places: list[TopicPartition], moment_ms: int | None) -> dict[TopicPartition, int]:
    if moment_ms is None:
        return {}
    found = await consumer.offsets_for_times(dict.fromkeys(places, moment_ms))
    return {place: at.offset for place, at in found.items() if at is not None}
