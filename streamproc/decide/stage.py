"""The stage decide: the customer log in, decisions out. Everything that decides anything is in `decide.step`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import orjson

from streamproc.customer.alias import Alias
from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import Customer
from streamproc.decide.clock.timekeeper import has_passed_on
from streamproc.decide.identity.conflicting import conflict_of, letter_of
from streamproc.decide.identity.forwarding import passed_on, spread
from streamproc.decide.identity.moving import leaving
from streamproc.decide.identity.who import Found, find
from streamproc.decide.outcome import Outcome
from streamproc.decide.partition import Partition
from streamproc.decide.plan import Plan
from streamproc.decide.products.product import Product
from streamproc.decide.saying import TOPICS, said, stated
from streamproc.decide.segments.decay import FILL
from streamproc.decide.states import CODEC, detached
from streamproc.decide.step import step
from streamproc.decide.watch import SILENT, DecideWatch
from streamproc.events.base import RawEvent
from streamproc.events.calendar import on_the_wall
from streamproc.events.catalogue import ProductChanged
from streamproc.events.decisions import Offer
from streamproc.events.facts import Progress
from streamproc.events.log import (
    CONTROL_KEY,
    TWICE,
    Complete,
    LogEntry,
    LogRecord,
    ModelGoverned,
    ModelReleased,
    PassedOn,
    TimerDue,
    WatermarkRecord,
    decode_control,
    decode_record,
)
from streamproc.events.times import DAY_MS, epoch_ms, parse_rfc3339
from streamproc.events.topics import (
    DECIDE_STATE_TOPIC,
    FACTS_TOPIC,
    LOG_TOPIC,
    TRAINING_TOPIC,
    dead_letter_topic,
    trigger_topic,
)
from streamproc.models.releases.bank import ModelBank
from streamproc.processor.api import (
    AppliedTwiceError,
    OutputRecord,
    Record,
    Resumable,
    Source,
    Stage,
    Step,
)

STAGE = "decide"


def stage(plan: Plan, signing_key: bytes, raw_topics: Sequence[str], watch: DecideWatch = SILENT) -> Stage:
    """The stage; `raw_topics` are those that have dead letters, which what conflicts goes to."""
    beside = (*TOPICS, *map(trigger_topic, plan.senders))
    make = partial(Decider, plan, ModelBank(signing_key, plan.predictions), frozenset(raw_topics), watch)
    source = Source((LOG_TOPIC,), make, DECIDE_STATE_TOPIC, CODEC, detached)
    outputs = (*beside, TRAINING_TOPIC, LOG_TOPIC, *map(dead_letter_topic, raw_topics))
    return Stage(STAGE, (source,), outputs, beside, plan=plan.version)


class Decider(Partition):
    """Decides for the customers of one partition of the log."""

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        """Each record in its order: an event for one customer, or a mark or a model release for all of them."""
        self.received, self.repeats = [], 0
        if not self.is_remembered:
            self.remember(self.partition_state)
        for record in records:
            if record.value is None:
                raise ValueError(f"record {record.offset} of the customer log has no value")
            logged = (decode_control if record.key == CONTROL_KEY else decode_record)(record.value)
            match logged.event:
                case WatermarkRecord() | PassedOn():
                    yield from self._keep_time(logged.event)
                case Complete():
                    yield from self._move(logged.event, record)
                    yield from self._fill(logged.event, record)
                case ModelReleased() | ModelGoverned():
                    after = self.versions.after(self.partition_state, logged.event)
                    if after is not self.partition_state:
                        self.remember(after)
                case _:
                    yield from self._apply(record, logged)
            yield Resumable(record.offset + 1)
        if self.received:
            self.watch.applied(self.context.partition, self.received, self.repeats)

    def _apply(self, record: Record, logged: LogRecord) -> Iterator[OutputRecord]:
        if record.key is None or isinstance(
            logged.event, WatermarkRecord | PassedOn | Complete | ModelReleased | ModelGoverned
        ):
            raise ValueError(f"record {record.offset} of the customer log has no customer")
        state = self.known(record.key)
        if state is not None and record.offset <= state.applied_offset:
            message = f"offset {record.offset} came again; the customer's state holds {state.applied_offset}"
            raise AppliedTwiceError(message)
        at_ms, received_ms = epoch_ms(logged.at), epoch_ms(logged.received_at)
        entry = LogEntry(
            record.key.decode(), at_ms, self.position(record), record.offset, logged.event, received_ms,
            self.partition_state.watermark_ms, logged.backfill, logged.src,
        )  # fmt: skip
        if logged.src is not None and not self.reaching.takes(logged.src):
            self.received.append(received_ms)
            self.repeats += 1
            return
        if isinstance(logged.event, ProductChanged):
            yield from self._change(entry, logged.event, record)
            return
        found = find(state, entry, self.plan.policy.identity)
        if found.is_own:
            yield from self._decide(found, entry, record)
        else:
            self.put(record.key, found.state)
            if isinstance(state, Customer) and found.state is not state:
                yield from self._told(record.key, leaving(state, found.left, entry, self.plan), record)
            yield from passed_on(found.forwards, record, self.context, self.watch)

    def _change(self, entry: LogEntry, event: ProductChanged, record: Record) -> Iterator[OutputRecord]:
        """A product is told of; the partition of its key tells all others."""
        if not entry.via:
            self.received.append(entry.at_ms if entry.received_ms is None else entry.received_ms)
        product = self.products.changed(entry, event)
        if product is not None:
            self.put(entry.key.encode(), product)
            if not entry.via:
                yield from spread(entry, record, self.context, self.watch)

    def _decide(self, found: Found, entry: LogEntry, record: Record) -> Iterator[OutputRecord]:
        key, known = entry.key.encode(), found.state
        if entry.received_ms is not None and isinstance(entry.event, RawEvent):
            self.received.append(entry.received_ms)
        state = known if isinstance(known, Customer) else None
        outcome = step(state, entry, self.plan, self.versions.bank, self.shared)
        yield from passed_on(outcome.forwards, record, self.context, self.watch)
        if outcome.seen is Seen.REPEATED:
            self.repeats += 1
        elif outcome.seen is not Seen.NEW:
            self.watch.passed_over(outcome.seen)
            if outcome.customer is not known:
                self.states.put(key, outcome.customer)
            if outcome.seen is Seen.CONFLICTING:
                yield from self._conflicting(entry)
        else:
            yield from self._accept(key, outcome, record)

    def _conflicting(self, entry: LogEntry) -> Iterator[OutputRecord]:
        """A dead letter, unless its raw topic is none of ours any more."""
        event, place = entry.event, entry.raw
        if isinstance(event, RawEvent) and place is not None and place[0] in self.raw_topics:
            self.watch.rejected(place[0], conflict_of(event))
            yield letter_of(event, entry, place, STAGE)

    def _keep_time(self, event: WatermarkRecord | PassedOn) -> Iterator[OutputRecord]:
        """Hear how far a source or a partition is; if that moves the time of all, they are told."""
        state, partitions = self.partition_state, self.context.partitions[LOG_TOPIC]
        keeper = state.timekeeper.after(event, partitions)
        self.remember(replace(state, timekeeper=keeper))
        return keeper.news_since(state.timekeeper, partitions)

    def _move(self, event: Complete, record: Record) -> Iterator[Step]:
        """What happened until then has come: wake who is due, in the order of the due times, then remember and tell.

        Who was woken has other timers afterwards. So a record that was left on the way is taken up as if it were a new
        one: event time has not moved yet, and due are those who have not been woken.
        """
        moved = self.partition_state.after(event)
        if moved is not self.partition_state and event.hops == TWICE:
            while (woken := self.wake_ups.next_until(event.through_ms)) is not None:
                yield from self._wake(*woken, record)
                yield Resumable(record.offset)
            yield from self._moved(event.through_ms)
        elif moved is not self.partition_state:
            yield has_passed_on(self.context.partition, event.hops + 1, event.through_ms)
        self.remember(moved)

    def _moved(self, through_ms: int) -> Iterable[OutputRecord]:
        self.watch.moved(self.context.partition, through_ms)
        progress = orjson.dumps(Progress(self.context.partition, self.context.partitions[LOG_TOPIC], through_ms))
        return OutputRecord(FACTS_TOPIC, None, progress), OutputRecord(TRAINING_TOPIC, None, progress, 0)

    def _wake(self, due_ms: int, key: bytes, record: Record) -> Iterator[Step]:
        state = self.states.get(key)
        if isinstance(state, Product):
            yield from self._tell_watchers(key, state, record)
        if isinstance(state, Alias):
            self.watch.given_up(0 if state.owners else len(state.waiting))
            self.put(key, None)
        if not isinstance(state, Customer):
            return
        timer = min((name for name, due in state.timers.items() if due == due_ms), default=None)
        if timer is None:
            self.wake_ups.set(key, state.next_due_ms)
            return
        yield from self._accept(key, self._timer(state, due_ms, timer, record, timer), record)

    def _tell_watchers(self, key: bytes, product: Product, record: Record) -> Iterator[Step]:
        """Event time has come to a change of a product: who watches it is asked, one after the other."""
        if not product.waiting:
            self.put(key, None)
            return
        at_ms = product.waiting[0]
        known_ms = max(at_ms, self.partition_state.watermark_ms or at_ms)
        for asked in self.products.to_ask(product, at_ms, known_ms):
            for timer in asked.timers:
                state = self.known(asked.key)
                if isinstance(state, Customer):
                    yield from self._accept(asked.key, self._timer(state, at_ms, timer, record, timer), record)
            self.states.put(key, asked.product)
            yield Resumable(record.offset)
        self.put(key, product.after_telling())

    def _fill(self, event: Complete, record: Record) -> Iterator[Step]:
        """Look at customers whom other tags and segments were about, and set timers that were not known."""
        for key in self.filling.some() if event.hops == TWICE else ():
            state = self.known(key)
            if isinstance(state, Customer):
                outcome = self._timer(state, max(event.through_ms, state.last_seen_ms), FILL, record, FILL)
                if outcome != Outcome(state):
                    yield from self._accept(key, outcome, record)
            self.remember(replace(self.partition_state, grouped=self.filling.grouped))
            self.watch.filling(self.context.partition, len(self.filling))
            yield Resumable(record.offset)

    def _timer(self, state: Customer, due_ms: int, timer: str, record: Record, why: str) -> Outcome:
        """A timer of the customer runs out."""
        through, position = self.partition_state.watermark_ms, f"{self.position(record)}/{why}"
        entry = LogEntry(state.key, due_ms, position, record.offset, TimerDue(timer), complete_ms=through)
        return step(state, entry, self.plan, self.versions.bank, self.shared)

    def _accept(self, key: bytes, outcome: Outcome, record: Record) -> Iterator[OutputRecord]:
        self.put(key, outcome.customer)
        return self._told(key, outcome, record)

    def _told(self, key: bytes, outcome: Outcome, record: Record) -> Iterator[OutputRecord]:
        for decision in outcome.decisions:
            self.watch.decided(decision)
            if isinstance(decision, Offer) and (rule := self.plan.offers.by_id[decision.offer_id]).is_limited:
                day = on_the_wall(parse_rfc3339(decision.at), self.plan.shop.zone) // DAY_MS
                spent = self.budgets(self.partition_state.spent).after(rule, day).spent
                self.remember(replace(self.partition_state, spent=spent))
            yield said(key, decision, STAGE)
        count = len(outcome.lessons) + len(outcome.facts)
        positions = self.reaching.positions(self.context.topic_id, record, count)
        yield from stated(outcome.lessons, outcome.facts, positions)
