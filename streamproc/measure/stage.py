"""The stage measure: facts to partial sums in each partition, partial sums to KPIs in one place."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

import orjson

from streamproc.events.facts import Progress
from streamproc.events.kpis import Kpi
from streamproc.events.position import Position
from streamproc.events.topics import FACTS_TOPIC, KPI_STATE_TOPIC, KPIS_TOPIC, MEASURE_STATE_TOPIC, PARTIALS_TOPIC
from streamproc.measure.codec import State, decode, encode, is_changed, is_publication
from streamproc.measure.counting import Counting
from streamproc.measure.json_text import read_series
from streamproc.measure.kpi_record import encode_kpi, kpi_key
from streamproc.measure.merge import EventTime, due, is_newer, put_together
from streamproc.measure.partials import (
    Part,
    Partial,
    Reported,
    decode_partial,
    decode_reported,
    encode_partial,
    encode_reported,
    part_key,
    progress_of,
)
from streamproc.measure.plan import KpiPlan
from streamproc.measure.publication import Publication, Publisher, news
from streamproc.measure.recount import COUNTING_KEY, add_up_anew, dropped
from streamproc.measure.sums import FactMessage, Sums, add_up
from streamproc.measure.windows import TOTAL, Window, window_of
from streamproc.processor.api import Codec, OutputRecord, PartitionContext, Record, Resumable, Source, Stage, Step

STAGE = "measure"
_PROGRESS = "progress"


class MeasureWatch:
    """What an observer of this stage may want to know; does nothing."""

    def published(self, kpi: Kpi) -> None:
        """A KPI was published, or after a takeover was the last that had been."""

    def outdated(self, names: AbstractSet[str]) -> None:
        """KPIs that earlier definitions, or none, counted in the past."""

    def behind(self, partitions: AbstractSet[int]) -> None:
        """Nothing is published until these are counted anew as well; none: it is published again."""


SILENT = MeasureWatch()


def stage(plan: KpiPlan, plan_version: str, watch: MeasureWatch = SILENT) -> Stage:
    """The stage."""
    publisher = Publisher(plan, plan_version)
    codec: Codec[State] = Codec(encode, decode)
    return Stage(
        STAGE,
        (
            Source((FACTS_TOPIC,), partial(FactAdder, plan, watch), MEASURE_STATE_TOPIC, codec, dropped=dropped),
            Source((PARTIALS_TOPIC,), partial(KpiMerger, publisher, watch), KPI_STATE_TOPIC, codec),
        ),
        (PARTIALS_TOPIC, KPIS_TOPIC),
        plan=plan_version,
    )


class FactAdder:
    """Adds up the facts of one partition, and reports the windows that changed whenever event time progresses."""

    def __init__(self, plan: KpiPlan, watch: MeasureWatch, context: PartitionContext[State]) -> None:
        self._plan = plan
        self._watch = watch
        self._partition = context.partition
        self._states = context.states
        self._counting = Counting()
        self._changed: set[Window] = set()
        self._new: list[FactMessage] = []
        self._anew: list[FactMessage] = []

    def open(self) -> Iterator[None]:
        """Find how far was counted, and the windows that the last owner had not reported yet."""
        held = self._states.get(COUNTING_KEY)
        self._counting = (held if isinstance(held, Counting) else Counting()).by(self._plan.definitions)
        self._watch.outdated(self._counting.outdated)
        for key, raw in self._states.raw_items():
            if is_changed(raw):
                self._changed.add(window_of(key.decode()))
            yield

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        """Facts go into the sums; progress sends out what changed."""
        for record in records:
            message = orjson.loads(record.value or b"")
            if message["type"] == "fact":
                self._take(message, record.offset)
            else:
                self._add()
                yield from self._advance(progress_of(message), record.offset)
                yield Resumable(record.offset + 1)
        self._add()

    def _take(self, message: FactMessage, offset: int) -> None:
        """Keep a fact, if decide says it for the first time."""
        is_anew = self._counting.recount_at(offset) is not None
        counting = self._counting.takes(Position(**message["position"]), offset)
        if counting is not None:
            self._counting = counting
            (self._anew if is_anew else self._new).append(message)

    def _add(self) -> None:
        if not self._new and not self._anew:
            return
        self._states.put(COUNTING_KEY, self._counting)
        if self._counting.recount is not None:
            self._put(add_up_anew(self._plan, self._counting.recount, self._anew))
        self._put(add_up(self._plan, self._new))
        self._new, self._anew = [], []

    def _put(self, added: Mapping[Window, Sums]) -> None:
        for window, sums in added.items():
            key = window.key.encode()
            held = self._states.get(key)
            self._states.put(key, held.plus(sums) if isinstance(held, Part) else Part(sums))
            self._changed.add(window)

    def _advance(self, progress: Progress, offset: int) -> Iterator[Step]:
        """Say how far event time is, behind what changed until then; that is kept back while facts are counted anew."""
        if progress.partition != self._partition:
            raise ValueError(f"{FACTS_TOPIC}/{self._partition} has progress of partition {progress.partition}")
        if recount := self._counting.recount:
            yield self._reported(progress, is_whole=False)
            if offset + 1 < recount.until:
                return
            self._counting = replace(self._counting, recount=None)
            self._states.put(COUNTING_KEY, self._counting)
        yield from self._report(offset)
        yield self._reported(progress, is_whole=True)

    def _report(self, offset: int) -> Iterator[Step]:
        """Report window after window: what was reported has not changed any more, for a next owner too."""
        for window in sorted(self._changed, key=lambda window: window.order):
            key = window.key.encode()
            held = self._states.get(key)
            if isinstance(held, Part):
                part = held.reported()
                self._states.put(key, part)
                partial_sum = Partial(window, self._partition, part)
                yield OutputRecord(PARTIALS_TOPIC, partial_sum.key, encode_partial(partial_sum), 0)
            self._changed.remove(window)
            yield Resumable(offset)

    def _reported(self, progress: Progress, *, is_whole: bool) -> OutputRecord:
        reported = Reported(progress, self._counting.epoch_ms, is_whole)
        return OutputRecord(PARTIALS_TOPIC, f"{_PROGRESS}|{self._partition}".encode(), encode_reported(reported), 0)


class KpiMerger:
    """Puts the partitions' parts together, and publishes a window when the event time of all of them allows it."""

    def __init__(self, publisher: Publisher, watch: MeasureWatch, context: PartitionContext[State]) -> None:
        self._publisher = publisher
        self._watch = watch
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
                self._watch.published(kpi)
            yield

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        """Parts are kept; progress publishes what is due."""
        for record in records:
            message = read_series(record.value or b"")
            if message["type"] == "partial":
                self._keep(decode_partial(message))
            else:
                yield from self._advance(decode_reported(message), record.offset)
            yield Resumable(record.offset + 1)

    def _keep(self, said: Partial) -> None:
        held = self._states.get(said.key)
        if not is_newer(said.part, held if isinstance(held, Part) else None):
            return
        self._states.put(said.key, said.part)
        if said.window not in self._changed:
            self._states.put(said.window.key.encode(), self._publication(said.window).touched())
            self._changed.add(said.window)

    def _advance(self, reported: Reported, offset: int) -> Iterator[Step]:
        """Publish window after window, then remember that event time has come this far.

        What is published has not changed any more, so a next owner, for whom event time has not moved yet, publishes
        what is left.
        """
        before, after = self._event_time, self._event_time.after(reported)
        if after.behind != before.behind:
            self._watch.behind(after.behind)
        reached = after.reached
        for window in due(self._changed, before.reached, reached, self._publisher.plan.zone):
            yield from self._publish(window, after.partitions, reached or 0)
            self._changed.remove(window)
            yield Resumable(offset)
        self._event_time = after
        self._states.put(_PROGRESS.encode(), after)

    def _publish(self, window: Window, partitions: int, reached: int) -> Iterator[OutputRecord]:
        keys = (part_key(window, partition) for partition in range(partitions))
        parts = [state for state in map(self._states.get, keys) if isinstance(state, Part)]
        before = self._publication(window)
        after = self._publisher.revise(window, before, put_together(parts), reached)
        self._states.put(window.key.encode(), after)
        for kpi in self._publisher.kpis(window, after, news(before, after)):
            self._watch.published(kpi)
            yield OutputRecord(KPIS_TOPIC, kpi_key(kpi), encode_kpi(kpi), 0)

    def _publication(self, window: Window) -> Publication:
        held = self._states.get(window.key.encode())
        return held if isinstance(held, Publication) else Publication()

    def _newest_said(self, windows: list[Window]) -> list[Window]:
        days = sorted((window for window in windows if window != TOTAL), key=lambda day: day.order, reverse=True)
        newest = next((day for day in days if self._publication(day).said), None)
        return [TOTAL] if newest is None else [newest, TOTAL]
