"""What it costs good messages that odd ones are understood: collect's way of an event beside that of a strict twin.

The twin goes the same steps (an adapter, the topic's families, whose it is, the clock, the record of the log) and takes
a message as it is or not at all. What it leaves out is tolerance: what others put around a message, fields that are set
right, ids that identify nobody, machines by their names, record times in other units, refusals whatever their clock.
"""

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from benchmarks.core.shop import MIX, later_values
from benchmarks.result import Goal, Result, Table
from benchmarks.timing import microseconds
from streamproc.collect.clean import Cleaned
from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.collect.stage import SILENT, Collector
from streamproc.collect.when import corrected_ms
from streamproc.events.adapters import ADAPTERS, NATIVE, Headers
from streamproc.events.adapters.native import MAX_EVENT_BYTES
from streamproc.events.address import NO_ADDRESSES
from streamproc.events.json_text import checked
from streamproc.events.log import Origin
from streamproc.events.raw import FAMILIES, RAW, Event, read_raw
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import has_subject, subject_of
from streamproc.events.times import LAST_MS, epoch_ms
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import OutputRecord, PartitionContext, Record
from streamproc.runtime.state.keyed import NoStates

EVENTS = 3_000
ROUNDS = 60
GOAL_PERCENT = 15
TOPIC = RawTopic("any", frozenset(FAMILIES))
SETTINGS = CollectSettings(topics=(TOPIC.name,))


@dataclass(slots=True)
class _Message:
    """A record as Kafka gives it."""

    offset: int
    timestamp: int
    value: bytes | None
    topic: str = TOPIC.name
    partition: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


def run() -> Result:
    """Measure both on good input, and collect on input in which each message has a field to be mended."""
    said = list(later_values(EVENTS, 10_000))
    good = [_Message(number, _happened(each["occurred_at"]), orjson.dumps(each)) for number, each in enumerate(said)]
    odd = [
        replace(each, value=orjson.dumps(event | {"source": "x" * 300})) for each, event in zip(good, said, strict=True)
    ]
    strict, tolerant = map(_collector, (_StrictCollector, Collector))
    if strict.process(good) != tolerant.process(good):
        raise TypeError("the twin does not write what collect writes")
    costs = _measured(
        {
            "good, strict": lambda: strict.process(good),
            "good, as collect does": lambda: tolerant.process(good),
            "a field too long in each": lambda: tolerant.process(odd),
        }
    )
    least = costs["good, strict"]
    percent = (costs["good, as collect does"] / least - 1) * 100
    return Result(
        "tolerance",
        "What the processor of a raw partition does with a message, without Kafka. A consumer shop's mix of events",
        {"events": EVENTS, "mix, percent": ", ".join(f"{name} {share}" for name, share in MIX.items())},
        [
            Table(
                f"CPU, best of {ROUNDS} rounds in turn",
                ("messages", "CPU us/event", "events/s on one core", "beside strict"),
                [(name, cost, round(1e6 / cost), f"{cost / least:.2f}") for name, cost in costs.items()],
            )
        ],
        [Goal("what tolerance costs good input", f"< {GOAL_PERCENT} %", f"{percent:.0f} %", percent < GOAL_PERCENT)],
    )


def _happened(occurred_at: str) -> int:
    return epoch_ms(RAW.validate_json(orjson.dumps(_EVENT | {"occurred_at": occurred_at})).occurred_at)  # type: ignore[union-attr]  # a page view


_EVENT = {"event_id": "e", "type": "page_viewed", "customer_id": "c"}


def _measured(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best of each, measured in turn: so what else the machine does hits all alike."""
    gc.collect()
    gc.freeze()
    gc.disable()  # as a worker does nearly
    try:
        rounds = [[microseconds(work, EVENTS, 1) for work in works.values()] for _ in range(ROUNDS)]
    finally:
        gc.enable()
        gc.unfreeze()
    return {name: min(costs) for name, costs in zip(works, zip(*rounds, strict=True), strict=True)}


class _StrictCollector(Collector):
    """The twin."""

    def process(self, records: Sequence[Record]) -> list[OutputRecord]:
        emitted: list[OutputRecord] = []
        results: Counter[str] = Counter()
        for record in records:
            for index, event in enumerate(_read(record.value or b"", record.headers)):
                cleaned = _cleaned(event, record.timestamp)
                origin = Origin(record.topic, record.partition, record.offset, "id", index)
                emitted.append(self._logged(cleaned, cleaned.keys[0], origin))
                self.completeness.seen(cleaned.at_ms)
                results[cleaned.result] += 1
        SILENT.cleaned(TOPIC.name, results)
        return emitted


def _collector(of: type[Collector]) -> Collector:
    context: PartitionContext[Any] = PartitionContext(TOPIC.name, 0, "id", NoStates(), {TOPIC.name: 1, LOG_TOPIC: 6})
    return of(SETTINGS, {TOPIC.name: TOPIC}, NO_ADDRESSES, SILENT, context)


def _read(value: bytes, headers: Headers) -> tuple[Event]:
    """The adapter of the topic is found as collect does it; here there is but one."""
    name = TOPIC.adapter
    for header, named in headers:
        name = (named or b"").decode() if header == "streamproc-adapter" else name
    if ADAPTERS.get(name) is not ADAPTERS[NATIVE]:
        raise TypeError(f"no adapter {name!r}")
    return _native(value)


def _native(value: bytes) -> tuple[Event]:
    if not isinstance(checked(value, MAX_EVENT_BYTES), dict):
        raise TypeError(f"{value!r} is no object")
    event = read_raw(value)
    if isinstance(event, SourceProgressed) or not has_subject(event):
        raise TypeError(f"{value!r} says nothing of anybody")
    return (event,)


def _cleaned(event: Event, received_ms: int) -> Cleaned:
    if TOPIC.refusal(event) is not None:
        raise TypeError(f"{event} is not of this topic")
    at_ms = corrected_ms(event, received_ms)
    if not SETTINGS.earliest_ms <= at_ms <= min(received_ms + SETTINGS.limit_ms, LAST_MS):
        raise ValueError(f"{event} is out of range")
    is_ahead = at_ms > received_ms + SETTINGS.tolerance_ms
    return Cleaned((subject_of(event).key,), received_ms if is_ahead else at_ms, event, is_ahead, received_ms)
