"""The stage decide: the customer log in, decisions out. Everything that decides anything is in `decide.step`."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

import orjson

from streamproc.customer.codec import next_due
from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import Customer
from streamproc.decide.event_time import PartitionState
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.reached import Reached
from streamproc.decide.states import CODEC, OWN_KEYS, REACHED_KEY, State, detached
from streamproc.decide.step import step
from streamproc.decide.waking import WakeUps
from streamproc.events.decisions import Decision, Offer, Score, SegmentChange, Suppression, Trigger
from streamproc.events.facts import Fact, Progress
from streamproc.events.log import CONTROL_KEY, Entry, LogRecord, Mark, ModelReleased, TimerDue, decode_record
from streamproc.events.log import Source as Origin
from streamproc.events.position import Position
from streamproc.events.times import epoch_ms
from streamproc.events.topics import (
    DECIDE_STATE_TOPIC,
    FACTS_TOPIC,
    LOG_TOPIC,
    OFFERS_TOPIC,
    SCORES_TOPIC,
    SEGMENTS_TOPIC,
    SUPPRESSIONS_TOPIC,
    TRAINING_TOPIC,
    trigger_topic,
)
from streamproc.models.bank import ModelBank
from streamproc.models.snapshot_error import SnapshotError
from streamproc.processor.api import (
    AppliedTwiceError,
    Emitted,
    PartitionContext,
    Record,
    Resumable,
    Source,
    Stage,
    Step,
)
from streamproc.processor.headers import cloud_event

STAGE = "decide"


class DecideWatch:
    """Is told what is decided; this one tells nobody."""

    def begins(self, names: AbstractSet[str]) -> None:
        """These declared features are counted from now on: nothing is known of their definition in a partition."""

    def applied(self, partition: int, received_ms: Sequence[int], repeats: int) -> None:
        """These events were decided on, and so many were repeats; Kafka took their messages then (epoch ms)."""

    def passed_over(self, why: Seen) -> None:
        """An event was passed over that is no repeat: it conflicts with another one, or was erased before it came."""

    def cut(self, partition: int) -> None:
        """A transaction begins; it will hold what was decided until now."""

    def committed(self, partition: int) -> None:
        """The transaction of the last `cut` is committed."""

    def moved(self, partition: int, through_ms: int) -> None:
        """Event time is complete up to here."""

    def decided(self, decision: Decision) -> None:
        """A decision goes out."""

    def released(self, release: ModelReleased) -> None:
        """From now on this version counts."""

    def refused(self, release: ModelReleased, error: SnapshotError) -> None:
        """A version cannot be loaded; the last good one stays."""


SILENT = DecideWatch()


def stage(plan: Plan, signing_key: bytes, watch: DecideWatch = SILENT) -> Stage:
    """The stage."""
    triggers = [trigger_topic(rule.name) for rule in plan.triggers.trigger]
    beside = (OFFERS_TOPIC, SCORES_TOPIC, SEGMENTS_TOPIC, SUPPRESSIONS_TOPIC, FACTS_TOPIC, *triggers)
    make = partial(Decider, plan, ModelBank(signing_key, plan.predictions), watch)
    source = Source((LOG_TOPIC,), make, DECIDE_STATE_TOPIC, CODEC, detached)
    return Stage(STAGE, (source,), (*beside, TRAINING_TOPIC), beside, plan=plan.version)


class Decider:
    """Decides for the customers of one partition of the log."""

    def __init__(self, plan: Plan, bank: ModelBank, watch: DecideWatch, context: PartitionContext[State]) -> None:
        self._plan = plan
        self._bank = bank
        self._watch = watch
        self._context = context
        self._states = context.states
        self._partition_state = PartitionState()
        self._reached = Reached()
        self._wake_ups = WakeUps()
        self._repeats = 0

    def open(self) -> Iterator[None]:
        """Find the partition's event time, its model versions, what is counted for the first time, and all timers."""
        if isinstance(before := self._states.get(REACHED_KEY), Reached):
            self._reached = before
        known = self._states.get(CONTROL_KEY)
        if isinstance(known, PartitionState):
            self._partition_state = known
            self._watch.begins(self._plan.declared.beyond(known.counting))
            for release in known.releases.values():
                self._use(release)
        self._partition_state = replace(self._partition_state, counting=self._plan.declared.keys)
        for key, raw in self._states.raw_items():
            if key not in OWN_KEYS:
                self._wake_ups.set(key, next_due(raw))
            yield

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        """Each record in its order: an event for one customer, or a mark or a model release for all of them."""
        self._repeats, received = 0, []
        for record in records:
            if record.value is None:
                raise ValueError(f"record {record.offset} of the customer log has no value")
            logged = decode_record(record.value)
            match logged.event:
                case Mark():
                    yield from self._move(logged.event, record)
                case ModelReleased():
                    self._release(logged.event)
                case _:
                    yield from self._apply(record, logged)
                    received.append(epoch_ms(logged.received_at))
            yield Resumable(record.offset + 1)
        if received:
            self._watch.applied(self._context.partition, received, self._repeats)

    def cut(self) -> None:
        """A transaction begins."""
        self._watch.cut(self._context.partition)

    def committed(self) -> None:
        """What was decided until the cut can be read."""
        self._watch.committed(self._context.partition)

    def _apply(self, record: Record, logged: LogRecord) -> Iterator[Emitted]:
        if record.key is None or isinstance(logged.event, Mark | ModelReleased):
            raise ValueError(f"record {record.offset} of the customer log has no customer")
        state = self._customer(record.key)
        if state is not None and record.offset <= state.applied_offset:
            raise AppliedTwiceError(
                f"offset {record.offset} came again; the customer's state holds {state.applied_offset}"
            )
        at_ms, received_ms = epoch_ms(logged.at), epoch_ms(logged.received_at)
        entry = Entry(
            record.key.decode(), at_ms, self._position(record), record.offset, logged.event, received_ms,
            self._partition_state.watermark_ms, logged.backfill,
        )  # fmt: skip
        if not self._take(logged.src):
            self._repeats += 1
            return
        outcome = step(state, entry, self._plan, self._bank)
        if outcome.seen is Seen.REPEATED:
            self._repeats += 1
        elif outcome.seen is not Seen.NEW:
            self._watch.passed_over(outcome.seen)
            if outcome.customer is not state:
                self._states.put(record.key, outcome.customer)
        if outcome.seen is not Seen.NEW:
            return
        yield from self._accept(record.key, outcome, record)

    def _take(self, source: Origin | None) -> bool:
        """Whether the message is new; one that collect has written a second time is not."""
        if source is None:
            return True
        is_new = not self._reached.has(source)
        if is_new:
            self._reach(self._reached.after(source))
        return is_new

    def _move(self, mark: Mark, record: Record) -> Iterator[Step]:
        """Event time moves: wake who is due, in the order of the due times, then remember and tell that it has moved.

        Who was woken has other timers afterwards. So a mark that was left on the way is taken up as if it were a new
        one: event time has not moved yet, and due are those who have not been woken.
        """
        before, moved = self._partition_state.watermark_ms, self._partition_state.with_mark(mark)
        now = moved.watermark_ms
        if now is not None and now != before:
            while (woken := self._wake_ups.next_until(now)) is not None:
                yield from self._wake(*woken, record)
                yield Resumable(record.offset)
            yield from self._moved(now)
        self._remember(moved)

    def _moved(self, through_ms: int) -> Iterable[Emitted]:
        self._watch.moved(self._context.partition, through_ms)
        progress = orjson.dumps(Progress(self._context.partition, self._context.partitions[LOG_TOPIC], through_ms))
        return Emitted(FACTS_TOPIC, None, progress), Emitted(TRAINING_TOPIC, None, progress, 0)

    def _wake(self, due_ms: int, key: bytes, record: Record) -> Iterator[Emitted]:
        state = self._customer(key)
        if state is None:
            return
        timer = min((name for name, due in state.timers.items() if due == due_ms), default=None)
        if timer is None:
            self._wake_ups.set(key, state.next_due_ms)
            return
        entry = Entry(
            key.decode(), due_ms, f"{self._position(record)}/{timer}", record.offset, TimerDue(timer),
            complete_ms=self._partition_state.watermark_ms,
        )  # fmt: skip
        yield from self._accept(key, step(state, entry, self._plan, self._bank), record)

    def _accept(self, key: bytes, outcome: Outcome, record: Record) -> Iterator[Emitted]:
        customer = outcome.customer
        self._states.put(key, customer)
        self._wake_ups.set(key, None if customer is None else customer.next_due_ms)
        for decision in outcome.decisions:
            yield self._told(key, decision)
        positions = self._positions(record, len(outcome.examples) + len(outcome.facts))
        for example in outcome.examples:
            yield Emitted(TRAINING_TOPIC, None, orjson.dumps(replace(example, position=next(positions))), 0)
        for fact in outcome.facts:
            placed = Fact(fact.fact, fact.at_ms, fact.values, next(positions), fact.taken_back)
            yield Emitted(FACTS_TOPIC, None, orjson.dumps(placed))

    def _positions(self, record: Record, count: int) -> Iterator[Position]:
        """The next places among all that this record causes."""
        first = self._reached.said_of(record.offset)
        if count:
            self._reach(self._reached.saying(record.offset, count))
        topic_id, partition = self._context.topic_id, record.partition
        return (Position(topic_id, partition, record.offset, number) for number in range(first, first + count))

    def _reach(self, now: Reached) -> None:
        self._reached = now
        self._states.put(REACHED_KEY, now)

    def _told(self, key: bytes, decision: Decision) -> Emitted:
        self._watch.decided(decision)
        match decision:
            case Trigger():
                topic, name = trigger_topic(decision.trigger), decision.trigger_id
            case Suppression():
                topic, name = SUPPRESSIONS_TOPIC, decision.suppression_id
            case Offer():
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
        """Load a version; of one that cannot be loaded it is told, and the last good one stays."""
        try:
            self._bank = self._bank.with_release(release)
        except SnapshotError as error:
            self._watch.refused(release, error)
            return False
        self._watch.released(release)
        return True

    def _remember(self, state: PartitionState) -> None:
        self._partition_state = state
        self._states.put(CONTROL_KEY, state)

    def _customer(self, key: bytes) -> Customer | None:
        state = self._states.get(key)
        return state if isinstance(state, Customer) else None

    def _position(self, record: Record) -> str:
        return f"{self._context.topic_id}/{record.partition}/{record.offset}"
