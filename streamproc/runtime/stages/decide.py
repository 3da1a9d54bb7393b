"""The stage decide: the customer log in, decisions out. Everything that decides anything is in `decide.step`."""

import time
from collections.abc import Iterator, Sequence
from functools import partial

import orjson

from streamproc.customer.codec import decode, encode, next_due
from streamproc.customer.state import Customer
from streamproc.decide.event_time import (
    VERSION,
    PartitionState,
    decode_partition_state,
    encode_partition_state,
)
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.step import step
from streamproc.decide.waking import WakeUps
from streamproc.events.decisions import Decision, Offer, Score, SegmentChange, Suppression, Trigger
from streamproc.events.facts import Progress
from streamproc.events.log import CONTROL_KEY, Entry, LogRecord, Mark, ModelReleased, TimerDue, decode_record
from streamproc.events.times import SECOND_MS, epoch_ms
from streamproc.metrics import Metrics
from streamproc.models.bank import ModelBank
from streamproc.models.snapshots import SnapshotError
from streamproc.runtime.headers import cloud_event
from streamproc.runtime.processor import Codec, Emitted, PartitionContext, Record, Source, Stage

STAGE = "decide"
LOG_TOPIC = "shop.customer-events.v1"
STATE_TOPIC = "streamproc.decide-state.v1"
FACTS_TOPIC = "streamproc.facts.v1"
TRAINING_TOPIC = "streamproc.training.v1"
OFFERS_TOPIC = "marketing.offers.v1"
SCORES_TOPIC = "marketing.scores.v1"
SEGMENTS_TOPIC = "marketing.segments.v1"
SUPPRESSIONS_TOPIC = "marketing.suppressions.v1"

State = Customer | PartitionState


class AppliedTwiceError(RuntimeError):
    """An event stands at or below the last one that the customer's state holds: offsets were reset."""


def trigger_topic(name: str) -> str:
    """The topic of a trigger."""
    return f"marketing.triggers.{name.replace('_', '-')}.v1"


def encode_state(state: State) -> bytes:
    """A customer's or the partition's state as bytes."""
    return encode(state) if isinstance(state, Customer) else encode_partition_state(state)


def decode_state(raw: bytes) -> State:
    """The state of its bytes; the first byte tells which it is."""
    return decode_partition_state(raw) if raw[0] == VERSION else decode(raw)


def stage(plan: Plan, signing_key: bytes, metrics: Metrics) -> Stage:
    """The stage."""
    triggers = [trigger_topic(rule.name) for rule in plan.triggers.trigger]
    outputs = (
        OFFERS_TOPIC, SCORES_TOPIC, SEGMENTS_TOPIC, SUPPRESSIONS_TOPIC, FACTS_TOPIC, TRAINING_TOPIC, *triggers,
    )  # fmt: skip
    make = partial(Decider, plan, ModelBank(signing_key), metrics)
    return Stage(STAGE, (Source((LOG_TOPIC,), make, STATE_TOPIC, Codec(encode_state, decode_state)),), outputs)


class Decider:
    """Decides for the customers of one partition of the log."""

    def __init__(self, plan: Plan, bank: ModelBank, metrics: Metrics, context: PartitionContext[State]) -> None:
        self._plan = plan
        self._bank = bank
        self._metrics = metrics
        self._context = context
        self._states = context.states
        self._partition_state = PartitionState()
        self._wake_ups = WakeUps()
        self._watermark = metrics.watermark.labels(STAGE, str(context.partition))
        self._count = partial(metrics.events.labels, STAGE, LOG_TOPIC)

    def open(self) -> None:
        """Find the partition's event time, its model versions and all timers."""
        known = self._states.get(CONTROL_KEY)
        if isinstance(known, PartitionState):
            self._partition_state = known
            for release in known.releases.values():
                self._use(release)
        self._wake_ups.load(self._timers())

    def process(self, records: Sequence[Record]) -> list[Emitted]:
        """Each record in its order: an event for one customer, or a mark or a model release for all of them."""
        emitted: list[Emitted] = []
        events = 0
        for record in records:
            if record.value is None:
                raise ValueError(f"record {record.offset} of the customer log has no value")
            logged = decode_record(record.value)
            match logged.event:
                case Mark():
                    emitted.extend(self._move(logged.event, record))
                case ModelReleased():
                    self._release(logged.event)
                case _:
                    emitted.extend(self._apply(record, logged))
                    events += 1
        if events:
            self._count("applied").inc(events)
            self._metrics.event_age.labels(STAGE).observe(max(0.0, time.time() - records[-1].timestamp / SECOND_MS))
        return emitted

    def _apply(self, record: Record, logged: LogRecord) -> Iterator[Emitted]:
        if record.key is None or isinstance(logged.event, Mark | ModelReleased):
            raise ValueError(f"record {record.offset} of the customer log has no customer")
        state = self._customer(record.key)
        if state is not None and record.offset <= state.applied_offset:
            raise AppliedTwiceError(
                f"offset {record.offset} came again; the customer's state holds {state.applied_offset}"
            )
        entry = Entry(record.key.decode(), epoch_ms(logged.at), self._position(record), record.offset, logged.event)
        outcome = step(state, entry, self._plan, self._bank)
        if outcome.is_repeat:
            self._count("repeated").inc()
            return
        yield from self._accept(record.key, outcome)

    def _move(self, mark: Mark, record: Record) -> Iterator[Emitted]:
        """Event time moves: wake who is due, in the order of the due times, then tell that it has moved."""
        before = self._partition_state.watermark_ms
        self._remember(self._partition_state.with_mark(mark))
        now = self._partition_state.watermark_ms
        if now is None or now == before:
            return
        self._watermark.set(now / SECOND_MS)
        while (woken := self._wake_ups.next_until(now)) is not None:
            yield from self._wake(*woken, record)
        progress = orjson.dumps(Progress(self._context.partition, self._context.partitions[LOG_TOPIC], now))
        yield Emitted(FACTS_TOPIC, None, progress)
        yield Emitted(TRAINING_TOPIC, None, progress, 0)

    def _wake(self, due_ms: int, key: bytes, record: Record) -> Iterator[Emitted]:
        state = self._customer(key)
        if state is None:
            return
        timer = min((name for name, due in state.timers.items() if due == due_ms), default=None)
        if timer is None:
            self._wake_ups.set(key, state.next_due_ms)
            return
        entry = Entry(key.decode(), due_ms, f"{self._position(record)}/{timer}", record.offset, TimerDue(timer))
        yield from self._accept(key, step(state, entry, self._plan, self._bank))

    def _accept(self, key: bytes, outcome: Outcome) -> Iterator[Emitted]:
        customer = outcome.customer
        self._states.put(key, customer)
        self._wake_ups.set(key, None if customer is None else customer.next_due_ms)
        for decision in outcome.decisions:
            yield self._told(key, decision)
        for example in outcome.examples:
            yield Emitted(TRAINING_TOPIC, None, orjson.dumps(example), 0)
        for fact in outcome.facts:
            yield Emitted(FACTS_TOPIC, None, orjson.dumps(fact))

    def _told(self, key: bytes, decision: Decision) -> Emitted:
        match decision:
            case Trigger():
                self._metrics.triggers.labels(decision.trigger, "emitted").inc()
                topic, name = trigger_topic(decision.trigger), decision.trigger_id
            case Suppression():
                self._metrics.triggers.labels(decision.trigger, decision.reason).inc()
                topic, name = SUPPRESSIONS_TOPIC, decision.suppression_id
            case Offer():
                self._metrics.offers.labels(decision.channel).inc()
                topic, name = OFFERS_TOPIC, decision.offer_decision_id
            case Score():
                topic, name = SCORES_TOPIC, decision.score_id
            case SegmentChange():
                topic, name = SEGMENTS_TOPIC, decision.change_id
        headers = cloud_event(name, decision.type, decision.at, STAGE)
        return Emitted(topic, key, orjson.dumps(decision), None, headers)

    def _release(self, release: ModelReleased) -> None:
        if self._use(release):
            self._remember(self._partition_state.with_release(release))

    def _use(self, release: ModelReleased) -> bool:
        """Load a version; one that cannot be loaded is counted, and the last good one stays."""
        try:
            self._bank = self._bank.with_release(release)
        except SnapshotError:
            self._metrics.model_rejected.labels(release.model).inc()
            return False
        self._metrics.model_release.clear()
        self._metrics.model_release.labels(STAGE, release.model, release.version).set(1)
        return True

    def _remember(self, state: PartitionState) -> None:
        self._partition_state = state
        self._states.put(CONTROL_KEY, state)

    def _customer(self, key: bytes) -> Customer | None:
        state = self._states.get(key)
        return state if isinstance(state, Customer) else None

    def _timers(self) -> Iterator[tuple[bytes, int]]:
        for key, raw in self._states.raw_items():
            if key != CONTROL_KEY and (due := next_due(raw)) is not None:
                yield key, due

    def _position(self, record: Record) -> str:
        return f"{self._context.topic_id}/{record.partition}/{record.offset}"
