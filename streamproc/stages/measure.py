"""The stage measure: facts to partial sums in each partition, partial sums to KPIs in one place."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from json import loads as loads_any_size
from typing import Any

import orjson

from streamproc.events.facts import Progress
from streamproc.events.kpis import Kpi
from streamproc.events.position import Position
from streamproc.measure.codec import State, decode, encode, is_changed, is_publication
from streamproc.measure.counting import Counting
from streamproc.measure.kpi_record import encode_kpi, kpi_key
from streamproc.measure.merge import EventTime, due, is_newer, put_together
from streamproc.measure.partials import Part, Partial, decode_partial, encode_partial, part_key
from streamproc.measure.plan import KpiPlan
from streamproc.measure.publication import Publication, Publisher, news
from streamproc.measure.sums import FactMessage, add_up
from streamproc.measure.windows import TOTAL, Window, window_of
from streamproc.stages.processor import Codec, Emitted, PartitionContext, Record, Resumable, Source, Stage, Step
from streamproc.stages.topic_names import FACTS_TOPIC, KPIS_TOPIC, PARTIALS_TOPIC

MEASURE_STATE_TOPIC = "streamproc.measure-state.v1"
KPI_STATE_TOPIC = "streamproc.kpi-state.v1"
_PROGRESS = "progress"
_COUNTING = b"counting"

OnKpi = Callable[[Kpi], None]


def stage(plan: KpiPlan, plan_version: str, on_kpi: OnKpi = lambda _: None) -> Stage:
    """The stage; `on_kpi` sees each KPI as it is published, and after a takeover the last ones again."""
    publisher = Publisher(plan, plan_version)
    codec: Codec[State] = Codec(encode, decode)
    return Stage(
        "measure",
        (
            Source((FACTS_TOPIC,), partial(FactAdder, plan), MEASURE_STATE_TOPIC, codec),
            Source((PARTIALS_TOPIC,), partial(KpiMerger, publisher, on_kpi), KPI_STATE_TOPIC, codec),
        ),
        (PARTIALS_TOPIC, KPIS_TOPIC),
        plan=plan_version,
    )


class FactAdder:
    """Adds up the facts of one partition, and reports the windows that changed whenever event time progresses."""

    def __init__(self, plan: KpiPlan, context: PartitionContext[State]) -> None:
        self._plan = plan
        self._partition = context.partition
        self._states = context.states
        self._counting = Counting()
        self._changed: set[Window] = set()

    def open(self) -> Iterator[None]:
        """Find how far was counted, and the windows that the last owner had not reported yet."""
        if isinstance(held := self._states.get(_COUNTING), Counting):
            self._counting = held
        for key, raw in self._states.raw_items():
            if is_changed(raw):
                self._changed.add(window_of(key.decode()))
            yield

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        """Facts go into the sums; progress sends out what changed."""
        facts: list[FactMessage] = []
        for record in records:
            message = orjson.loads(record.value or b"")
            if message["type"] == "fact":
                if self._is_new(message):
                    facts.append(message)
            else:
                self._add(facts)
                facts = []
                yield from self._report(_progress_of(message), record.offset)
                yield Resumable(record.offset + 1)
        self._add(facts)

    def _is_new(self, message: dict[str, Any]) -> bool:
        """Whether decide says it for the first time."""
        if message.get("position") is None:
            return True
        position = Position(**message["position"])
        is_new = position.is_after(self._counting.applied)
        if is_new:
            self._counting = Counting(position)
        return is_new

    def _add(self, facts: list[FactMessage]) -> None:
        if facts:
            self._states.put(_COUNTING, self._counting)
        for window, sums in add_up(self._plan, facts).items():
            key = window.key.encode()
            held = self._states.get(key)
            self._states.put(key, held.plus(sums) if isinstance(held, Part) else Part(sums))
            self._changed.add(window)

    def _report(self, progress: Progress, offset: int) -> Iterator[Step]:
        """Report window after window: what was reported has not changed any more, for a next owner too."""
        if progress.partition != self._partition:
            raise ValueError(f"{FACTS_TOPIC}/{self._partition} has progress of partition {progress.partition}")
        for window in sorted(self._changed, key=lambda window: window.order):
            key = window.key.encode()
            held = self._states.get(key)
            if isinstance(held, Part):
                part = held.reported()
                self._states.put(key, part)
                partial_sum = Partial(window, self._partition, part)
                yield Emitted(PARTIALS_TOPIC, partial_sum.key, encode_partial(partial_sum), 0)
            self._changed.remove(window)
            yield Resumable(offset)
        yield Emitted(PARTIALS_TOPIC, f"{_PROGRESS}|{self._partition}".encode(), orjson.dumps(progress), 0)


class KpiMerger:
    """Puts the partitions' parts together, and publishes a window when the event time of all of them allows it."""

    def __init__(self, publisher: Publisher, on_kpi: OnKpi, context: PartitionContext[State]) -> None:
        self._publisher = publisher
        self._on_kpi = on_kpi
        self._states = context.states
        self._event_time = EventTime()
        self._changed: set[Window] = set()

    def open(self) -> Iterator[None]:
        """Find the event time, the windows that are still to be published, and the last that was said."""
        held = self._states.get(_PROGRESS.encode())
        self._event_time = held if isinstance(held, EventTime) else EventTime()
        windows = []
        for key, raw in self._states.raw_items():
            if is_publication(raw):
                windows.append(window_of(key.decode()))
                if is_changed(raw):
                    self._changed.add(windows[-1])
            yield
        for window in self._newest_said(windows):
            publication = self._publication(window)
            for kpi in self._publisher.kpis(window, publication, publication.said):
                self._on_kpi(kpi)
            yield

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        """Parts are kept; progress publishes what is due."""
        for record in records:
            message = loads_any_size(record.value or b"")
            if message["type"] == "partial":
                self._keep(decode_partial(message))
            else:
                yield from self._advance(_progress_of(message), record.offset)
            yield Resumable(record.offset + 1)

    def _keep(self, said: Partial) -> None:
        held = self._states.get(said.key)
        if not is_newer(said.part, held if isinstance(held, Part) else None):
            return
        self._states.put(said.key, said.part)
        if said.window not in self._changed:
            self._states.put(said.window.key.encode(), self._publication(said.window).touched())
            self._changed.add(said.window)

    def _advance(self, progress: Progress, offset: int) -> Iterator[Step]:
        """Publish window after window, then remember that event time has come this far.

        What is published has not changed any more, so a next owner, for whom event time has not moved yet, publishes
        what is left.
        """
        before, after = self._event_time.reached, self._event_time.after(progress)
        reached = after.reached
        for window in due(self._changed, before, reached):
            yield from self._publish(window, after.partitions, reached or 0)
            self._changed.remove(window)
            yield Resumable(offset)
        self._event_time = after
        self._states.put(_PROGRESS.encode(), after)

    def _publish(self, window: Window, partitions: int, reached: int) -> Iterator[Emitted]:
        keys = (part_key(window, partition) for partition in range(partitions))
        parts = [state for state in map(self._states.get, keys) if isinstance(state, Part)]
        before = self._publication(window)
        after = self._publisher.revise(window, before, put_together(parts), reached)
        self._states.put(window.key.encode(), after)
        for kpi in self._publisher.kpis(window, after, news(before, after)):
            self._on_kpi(kpi)
            yield Emitted(KPIS_TOPIC, kpi_key(kpi), encode_kpi(kpi), 0)

    def _publication(self, window: Window) -> Publication:
        held = self._states.get(window.key.encode())
        return held if isinstance(held, Publication) else Publication()

    def _newest_said(self, windows: list[Window]) -> list[Window]:
        days = sorted((window for window in windows if window != TOTAL), key=lambda day: day.order, reverse=True)
        newest = next((day for day in days if self._publication(day).said), None)
        return [TOTAL] if newest is None else [newest, TOTAL]


def _progress_of(message: dict[str, Any]) -> Progress:
    if message["type"] != "progress":
        raise ValueError(f"{message['type']!r} is neither a fact, a partial nor progress")
    return Progress(message["partition"], message["partitions"], message["through_ms"])
