"""What must be there: the pure code of all stages, run serially over what stands in the topics that they read.

Each stage is judged by its own source: collect by the raw topics, decide by the customer log, learn by the training
examples, measure by the facts and by the partial sums. So a fault in one stage is seen in that stage.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from streamproc.collect.clean import Cleaned, Progressed, clean, rejection_of
from streamproc.collect.completeness import NEVER
from streamproc.collect.stage import STAGE as COLLECT
from streamproc.decide import stage as decide
from streamproc.events.address import AddressHash
from streamproc.events.log import CONTROL_KEY, Origin, encode_record
from streamproc.events.received import received_ms
from streamproc.events.topics import LOG_TOPIC, dead_letter_topic
from streamproc.learn import stage as learn
from streamproc.measure import stage as measure
from streamproc.processor.api import InputRecord, PartitionContext, Source, Stage, outputs_of
from streamproc.processor.headers import dead_letter
from streamproc.processor.partitioner import partition_of
from streamproc.runtime.state.source_position import POSITION_KEY, SourcePosition
from tests.faults.dumped import Dump, Place
from tests.faults.setting import CHANGELOGS, SIGNING_KEY, Setting
from tests.memory_states import MemoryStates

Row = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]
"""Key, value and headers of an output."""

Flow = tuple[str, int, str, int]
"""An output partition, and the source partition that the records came from: within it there is one order."""


@dataclass
class Expected:
    """What a serial run gives.

    Attributes:
        flows: the outputs, in order.
        states: the changelog of each source partition with states, key by key.
        reached: how far event time is complete in each raw partition after each of its records, in order.
    """

    flows: dict[Flow, list[Row]] = field(default_factory=dict)
    states: dict[Place, dict[bytes, bytes]] = field(default_factory=dict)
    reached: dict[Place, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, source: Place, topic: str, partition: int, row: Row) -> None:
        """One more output."""
        self.flows.setdefault((topic, partition, *source), []).append(row)


def run_serially(dump: Dump, setting: Setting) -> Expected:
    """The oracle: everything that was processed, once, in order."""
    return _SerialRun(dump, setting).expected


class _SerialRun:
    def __init__(self, dump: Dump, setting: Setting) -> None:
        self.expected = Expected()
        self._dump = dump
        self._setting = setting
        self._addresses = AddressHash.of(SIGNING_KEY.encode())
        for place, records in dump.sources(setting.raw_topics).items():
            self._collect(place, records)
        for stage in self._stages():
            for source in stage.sources:
                for place, records in dump.sources(source.topics).items():
                    self._process(stage, source, place, records)

    def _stages(self) -> Iterator[Stage]:
        configuration, key = self._setting.configuration, SIGNING_KEY.encode()
        yield decide.stage(configuration.plan, key, self._setting.raw_topics)
        yield learn.stage(configuration.plan.predictions, key)
        yield measure.stage(configuration.kpi_plan, configuration.plan.version)

    def _collect(self, place: Place, records: Iterable[InputRecord]) -> None:
        configuration, partitions = self._setting.configuration, self._setting.partitions[LOG_TOPIC]
        topic, reached, history = place[0], NEVER, []
        settings, carried = configuration.app.collect, configuration.raw_topics[topic]
        for record in records:
            received = received_ms(record.timestamp, record.headers)
            events = carried.read(record.value, record.headers)
            cleaned = [clean(each, received, settings, carried, self._addresses) for each in events]
            index = 0
            for each in cleaned:
                if isinstance(each, Cleaned):
                    for key in map(str.encode, each.keys):
                        origin = Origin(
                            topic=topic, partition=record.partition, offset=record.offset,
                            topic_id=self._dump.ids[topic], index=index,
                        )  # fmt: skip
                        value = encode_record(
                            each.event, each.at_ms, each.received_ms, origin, is_backfill=each.is_backfill
                        )
                        self.expected.add(place, LOG_TOPIC, partition_of(key, partitions), (key, value, ()))
                        index += 1
                    reached = max(reached, each.at_ms - settings.watermark.lateness_ms)
                elif isinstance(each, Progressed):
                    reached = max(reached, each.through_ms)
            if (rejected := rejection_of(cleaned)) is not None:
                letter = dead_letter(rejected, topic, record, COLLECT)
                self.expected.add(place, dead_letter_topic(topic), 0, (letter.key, letter.value, letter.headers))
            history.append((record.offset, reached))
        self.expected.reached[place] = history

    def _process(self, stage: Stage, source: Source, place: Place, records: list[InputRecord]) -> None:
        topic, partition = place
        topic_id = self._dump.ids[topic]
        assert source.codec is not None
        states: MemoryStates[Any] = MemoryStates(source.codec)
        processor = source.make(PartitionContext(topic, partition, topic_id, states, self._setting.partitions))
        deque(processor.open(), 0)
        for record in records:
            for emitted in outputs_of(processor.process([record])):
                target = partition if emitted.partition is None else emitted.partition
                self.expected.add(place, emitted.topic, target, (emitted.key, emitted.value, emitted.headers))
        states.checkpoint()
        if records:
            states.stored[POSITION_KEY] = SourcePosition(topic_id, records[-1].offset + 1, stage.plan).encode()
        self.expected.states[CHANGELOGS[topic], partition] = states.stored


Known = dict[tuple[str, int, bytes | None, bytes | None], Place]
"""Whose an expected output is, by topic, partition, key and value."""


def known_outputs(expected: Expected) -> Known:
    """What `source_of` needs."""
    return {
        (topic, partition, key, value): (source, number)
        for (topic, partition, source, number), rows in expected.flows.items()
        for key, value, _ in rows
    }


def source_of(read: InputRecord, known: Known) -> Place | None:
    """Which source partition an output came from; None for a mark, which every collect worker writes."""
    headers = dict(read.headers)
    if headers.get("dlq-stage") == COLLECT.encode():
        return headers["dlq-topic"].decode(), int(headers["dlq-partition"])
    if read.topic == LOG_TOPIC and read.key != CONTROL_KEY:
        origin = orjson.loads(read.value or b"")["src"]
        return origin["topic"], origin["partition"]
    if read.topic == LOG_TOPIC and orjson.loads(read.value or b"")["event"]["type"] == "mark":
        return None
    return known.get((read.topic, read.partition, read.key, read.value), ("nowhere", -1))
