"""What the stages tell, as metrics: the only place where a stage and a metric meet."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import inf

from streamproc.collect import stage as collect
from streamproc.customer.recent_ids import Seen
from streamproc.decide import stage as decide
from streamproc.decide.identity.who import Forward
from streamproc.decide.watch import DecideWatch
from streamproc.events.base import RawEvent
from streamproc.events.decisions import (
    Decision,
    Forecast,
    JourneyChange,
    Offer,
    Retraction,
    Score,
    Suppression,
    Trigger,
)
from streamproc.events.ignored import Ignored
from streamproc.events.kpis import Kpi
from streamproc.events.log import ModelGoverned, ModelReleased
from streamproc.events.money import MICROS
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import DAY_MS, SECOND_MS
from streamproc.events.topics import LOG_TOPIC, TRAINING_TOPIC
from streamproc.learn import stage as learn
from streamproc.measure import stage as measure
from streamproc.metrics import Metrics
from streamproc.models.kind import ModelMetrics
from streamproc.models.snapshot_error import SnapshotError

log = logging.getLogger(__name__)


class MeteredCollect(collect.CollectWatch):
    """Counts raw messages by what became of them."""

    def __init__(self, metrics: Metrics) -> None:
        self._events = metrics.work.events
        self._dead = metrics.work.dead_letters
        self._mended = metrics.work.mended_fields
        self._ignored = metrics.work.ignored

    def began(self, topic: str) -> None:
        """Each reason is there from the start, so that its first message is an increase, not a new series."""
        for result in ("accepted", "rejected"):
            self._events.labels(collect.STAGE, topic, result)
        for reason in Reason:
            self._dead.labels(topic, str(reason))

    def cleaned(self, topic: str, results: Mapping[str, int]) -> None:
        """Events that were taken."""
        for result, events in results.items():
            self._events.labels(collect.STAGE, topic, result).inc(events)

    def mended(self, topic: str, event_type: str, fields: Sequence[str]) -> None:
        """Fields of an event that did not cost it."""
        for field in fields:
            self._mended.labels(topic, event_type, field).inc()

    def ignored(self, topic: str, ignored: Ignored) -> None:
        """Something that is no event of ours."""
        self._ignored.labels(topic, str(ignored.why)).inc()

    def rejected(self, topic: str, rejected: Rejected) -> None:
        """A dead letter."""
        self._events.labels(collect.STAGE, topic, "rejected").inc()
        self._dead.labels(topic, str(rejected.reason)).inc()


class MeteredDecide(DecideWatch):
    """Counts events and decisions, and shows event time and the version that counts."""

    def __init__(self, metrics: Metrics, models: Iterable[str]) -> None:
        self._metrics = metrics
        self._events = metrics.work.events
        self._open: dict[int, list[int]] = {}
        self._cut: dict[int, list[int]] = {}
        self._begun: AbstractSet[str] = frozenset()
        self._versions: dict[str, str] = {}
        self._filling: dict[int, int] = {}
        for name in models:
            metrics.models.rejected.labels(name)  # so that the first rejection is an increase, not a new series
            metrics.models.frozen.labels(decide.STAGE, name)

    def begins(self, names: AbstractSet[str]) -> None:
        """Once, not for each partition."""
        if new := names - self._begun:
            self._begun |= new
            log.warning(
                "these declared features begin at nothing, since their definition is new: %s -> each is whole when its "
                "window has passed",
                ", ".join(sorted(new)),
            )

    def applied(self, partition: int, received_ms: Sequence[int], repeats: int) -> None:
        """A run of events; how long each took is known when it is committed."""
        self._events.labels(decide.STAGE, LOG_TOPIC, "applied").inc(len(received_ms))
        if repeats:
            self._events.labels(decide.STAGE, LOG_TOPIC, "repeated").inc(repeats)
        self._open.setdefault(partition, []).extend(received_ms)

    def passed_over(self, why: Seen) -> None:
        """`conflicting`: an id came again, with other content; `erased`: of before an erasure; `machine`: nobody's."""
        self._events.labels(decide.STAGE, LOG_TOPIC, why.name.lower()).inc()

    def rejected(self, topic: str, rejected: Rejected) -> None:
        """A dead letter of a message that collect had taken."""
        self._metrics.work.dead_letters.labels(topic, str(rejected.reason)).inc()

    def passed_on(self, forward: Forward) -> None:
        """`passed_on`: an event that came under an id of a customer's, such as a visitor's or an address."""
        if isinstance(forward.event, RawEvent):
            self._events.labels(decide.STAGE, LOG_TOPIC, "passed_on").inc()

    def given_up(self, count: int) -> None:
        """`given_up`: nobody is behind the message or the address under which it came, as far as is known."""
        if count:
            self._events.labels(decide.STAGE, LOG_TOPIC, "given_up").inc(count)

    def cut(self, partition: int) -> None:
        """A transaction begins."""
        self._cut[partition] = self._open.pop(partition, [])

    def committed(self, partition: int) -> None:
        """How long each event took. What was received before yesterday is history that somebody sends, not lateness."""
        now_ms, observe = time.time() * SECOND_MS, self._metrics.decisions.after.labels(decide.STAGE).observe
        for received in self._cut.pop(partition, ()):
            if now_ms - received < DAY_MS:
                observe(max(0.0, now_ms - received) / SECOND_MS)

    def moved(self, partition: int, through_ms: int) -> None:
        """Event time."""
        self._metrics.event_time.watermark.labels(decide.STAGE, str(partition)).set(through_ms / SECOND_MS)

    def unwatched(self, count: int) -> None:
        """Who sees more products than are remembered is not told of the older ones."""
        if count:
            self._metrics.decisions.products_given_up.labels(decide.STAGE).inc(count)

    def filling(self, partition: int, waiting: int) -> None:
        """How many are left, and when it begins and ends."""
        before = self._filling.pop(partition, None)
        if before is None and waiting:
            log.info("partition %s: tags or segments have changed, %s customers are looked at", partition, waiting)
        elif before and not waiting:
            log.info("partition %s: all customers have been looked at by the tags and segments there are", partition)
        if waiting:
            self._filling[partition] = waiting
        self._metrics.event_time.filling.labels(decide.STAGE, str(partition)).set(waiting)

    def decided(self, decision: Decision) -> None:
        """Triggers and journeys by result, and offers."""
        match decision:
            case Trigger():
                self._metrics.decisions.triggers.labels(decision.trigger, "emitted").inc()
            case Retraction():
                self._metrics.decisions.triggers.labels(decision.trigger, "retracted").inc()
            case Suppression():
                self._metrics.decisions.triggers.labels(decision.trigger, decision.reason).inc()
            case JourneyChange(change="started"):
                self._metrics.decisions.journeys.labels(decision.journey, decision.change).inc()
            case JourneyChange(change="ended" | "refused"):
                self._metrics.decisions.journeys.labels(decision.journey, decision.reason).inc()
            case Offer():
                self._metrics.decisions.offers.labels(decision.channel).inc()
            case Score() | Forecast():
                self._metrics.models.scores.labels(decision.model).inc()

    def released(self, release: ModelReleased) -> None:
        """The version that counts."""
        before = self._versions.get(release.model)
        if before is not None and before != release.version:
            self._metrics.models.release.remove(decide.STAGE, release.model, before)
        self._versions[release.model] = release.version
        self._metrics.models.release.labels(decide.STAGE, release.model, release.version).set(1)
        self._metrics.models.trained.labels(release.model).set(release.trained_through.timestamp())

    def withdrawn(self, model: str) -> None:
        """No version counts."""
        if (before := self._versions.pop(model, None)) is not None:
            self._metrics.models.release.remove(decide.STAGE, model, before)
        log.error("%s: no version counts any more; there are no scores until one is released or promoted", model)

    def governed(self, model: str, *, frozen: bool) -> None:
        """Whether later releases wait."""
        self._metrics.models.frozen.labels(decide.STAGE, model).set(frozen)

    def refused(self, news: ModelReleased | ModelGoverned, error: SnapshotError) -> None:
        """A version, or an act on a model, that could not be used."""
        log.error("%s %s is not used, what counted before goes on: %s", news.model, news.version, error)
        self._metrics.models.rejected.labels(news.model).inc()


class MeteredLearn(learn.LearnWatch):
    """Counts examples, and shows how good the released versions are."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def kept(self, model: str) -> None:
        """An example came."""
        self._metrics.work.events.labels(learn.STAGE, TRAINING_TOPIC, "applied").inc()
        self._metrics.models.answers.labels(model).inc()

    def retreated(self, model: str) -> None:
        """A model that was worse than the same for everybody for long."""
        log.error("%s was worse than the same for everybody for long, and goes back: streamproc models history", model)
        self._metrics.models.retreats.labels(model).inc()

    def waits(self, model: str, since_ms: int | None) -> None:
        """The next example to be learned."""
        self._metrics.models.waiting.labels(model).set(inf if since_ms is None else since_ms / SECOND_MS)

    def learned(self, model: str, health: ModelMetrics) -> None:
        """Progressive metrics."""
        values = health.values()
        self._metrics.models.retreats.labels(model)
        self._metrics.models.answers.labels(model)  # so that the first answer is an increase, not a new series
        self._metrics.models.examples.labels(model).set(health.examples)
        shown = self._metrics.models
        for name, gauge in (
            ("log_loss", shown.log_loss),
            ("roc_auc", shown.roc_auc),
            ("squared_error_ratio", shown.squared_error_ratio),
            *shown.health.items(),
        ):
            if name in values:
                gauge.labels(model).set(values[name])
        if "label_delay_days" in values:
            shown.label_delay.labels(model).set(values["label_delay_days"] * DAY_MS / SECOND_MS)


class MeteredMeasure(measure.MeasureWatch):
    """Shows the KPIs over everything so far, and says why they stand still or are not what their definition says."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._outdated: AbstractSet[str] = frozenset()

    def published(self, kpi: Kpi) -> None:
        """A KPI was published; money is shown in currency units."""
        if kpi.window != "total" or kpi.value is None or kpi.dimensions:
            return
        scale = MICROS if kpi.unit == "micros" else 1
        self._metrics.kpis.value.labels(kpi.kpi).set(kpi.value / scale)
        if kpi.target is not None:
            self._metrics.kpis.target.labels(kpi.kpi).set(kpi.target)

    def outdated(self, names: AbstractSet[str]) -> None:
        """Once, not for each partition."""
        if names > self._outdated:
            self._outdated = names
            log.warning(
                "the past of these KPIs is not counted by their definition: %s -> to count it anew: "
                "`streamproc repair recount`",
                ", ".join(sorted(names)),
            )

    def behind(self, partitions: AbstractSet[int]) -> None:
        """While KPIs are counted anew."""
        if partitions:
            waiting = ", ".join(map(str, sorted(partitions)))
            log.info("KPIs are published again when all facts are counted anew; not yet: partitions %s", waiting)
        else:
            log.info("all facts are counted anew; KPIs are published again")
