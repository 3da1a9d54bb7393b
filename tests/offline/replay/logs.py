"""Customer logs made by hand: events, as collect would write them, and event time."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.events.log import CONTROL_KEY, TWICE, Complete, ModelReleased, encode_record
from streamproc.events.subject import subject_of
from streamproc.events.times import MINUTE_MS, epoch_ms
from streamproc.events.topics import LOG_TOPIC, raw_topic
from streamproc.measure.registry import KpiRegistry
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.setup import ReplayConfig
from streamproc.processor.api import InputRecord
from streamproc.processor.partitioner import partition_of
from tests.builders import KEY, NOON_MS, abandoned_cart, on_order, plan

PARTITIONS = 2
TOPIC_ID = "a1"
RAW = {
    "shop.profile.v1": 1,
    "shop.clickstream.v1": 2,
    "shop.email.v1": 1,
    "shop.purchase.v1": 1,
    "shop.catalogue.v1": 1,
}
RAW_TOPICS = {topic: RawTopic(topic, frozenset({topic.split(".")[1]})) for topic in RAW}
CONFIG = Path(__file__).parents[3] / "config"


def setup(*triggers: dict[str, Any], **blocks: Any) -> ReplayConfig:
    """The shop's KPIs, and a plan with these triggers."""
    rules = triggers or (abandoned_cart(), on_order())
    kpis = KpiRegistry.model_validate(tomllib.loads((CONFIG / "kpis.toml").read_text()))
    return ReplayConfig(plan(*rules, **blocks), kpis, CollectSettings(), RAW_TOPICS, RAW | {LOG_TOPIC: PARTITIONS}, KEY)


class Log:
    """A customer log that is being written."""

    def __init__(self) -> None:
        self.records: list[InputRecord] = []
        self._ends = [0] * PARTITIONS

    def add(self, *events: Any) -> "Log":
        """Events, or releases, or (a number) that everything until so many minutes after noon has come."""
        for event in events:
            if isinstance(event, int):
                through_ms = NOON_MS + event * MINUTE_MS
                self._to_all(encode_record(Complete(hops=TWICE, through_ms=through_ms), through_ms, through_ms))
            elif isinstance(event, ModelReleased):
                self._to_all(encode_record(event, NOON_MS, NOON_MS))
            else:
                key = subject_of(event).key.encode()
                at_ms = epoch_ms(event.occurred_at)
                self._append(partition_of(key, PARTITIONS), key, encode_record(event, at_ms, at_ms))
        return self

    def dumped(self) -> list[DumpedRecord]:
        """As `streamproc dump` writes it."""
        return [
            DumpedRecord(r.topic, r.key, r.timestamp, r.value, r.partition, r.offset, topic_id=TOPIC_ID)
            for r in self.records
        ]

    def _to_all(self, value: bytes) -> None:
        for partition in range(PARTITIONS):
            self._append(partition, CONTROL_KEY, value)

    def _append(self, partition: int, key: bytes, value: bytes) -> None:
        self.records.append(InputRecord(LOG_TOPIC, partition, self._ends[partition], NOON_MS, key, value))
        self._ends[partition] += 1


def raw(events: Iterable[Any]) -> list[DumpedRecord]:
    """Events as a source would send them, in time order, without a place in Kafka."""
    from streamproc.events.log import encode_event

    rows: Sequence[DumpedRecord] = [
        DumpedRecord(raw_topic(type(e)), subject_of(e).key.encode(), epoch_ms(e.occurred_at), encode_event(e))
        for e in events
    ]
    return sorted(rows, key=lambda row: row.timestamp)
