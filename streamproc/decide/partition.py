"""What decide knows of one partition of the log: its customers and products, their timers, the time, and the models."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from streamproc.customer.alias import Alias
from streamproc.customer.state import Customer
from streamproc.decide.clock.event_time import PartitionState
from streamproc.decide.clock.reached import Reached, Reaching
from streamproc.decide.clock.timers import WakeUps
from streamproc.decide.offers.budgets import Budgets
from streamproc.decide.plan import Plan
from streamproc.decide.predictions.large_releases import changes, whole
from streamproc.decide.predictions.versions import Versions
from streamproc.decide.products.product import Product
from streamproc.decide.products.watched import Products, sightings_in
from streamproc.decide.segments.filling import Filling
from streamproc.decide.shared import Shared
from streamproc.decide.states import REACHED_KEY, State, is_own, next_due
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import (
    CONTROL_KEY,
)
from streamproc.events.topics import (
    LOG_TOPIC,
)
from streamproc.models.releases.bank import ModelBank
from streamproc.processor.api import (
    PartitionContext,
    Record,
)


class Partition:
    """The states of a partition, and what is made of them when it is taken over; `Decider` works on it.

    Attributes:
        plan, versions, watch, raw_topics, context, states: what the stage was given, and the partition's states.
        partition_state: event time, releases, budgets spent; `is_remembered`: it stands in the states as it is here.
        wake_ups: the next timer of each key; `filling`: who is still to be looked at by new tags and segments.
        reaching: which records that others passed on have come; `products`: who watches what.
        received, repeats: of the records at hand, when they were taken (epoch ms), and how many were repeats.
    """

    def __init__(
        self,
        plan: Plan,
        bank: ModelBank,
        raw_topics: AbstractSet[str],
        watch: DecideWatch,
        context: PartitionContext[State],
    ) -> None:
        self.plan, self.raw_topics, self.watch = plan, raw_topics, watch
        self.versions = Versions(bank, watch)
        self.context, self.states = context, context.states
        self.budgets = partial(Budgets, context.partition, context.partitions[LOG_TOPIC])
        self.partition_state, self.wake_ups = PartitionState(), WakeUps()
        self.reaching = Reaching(partial(context.states.put, REACHED_KEY))
        self.products = Products(plan, context.states)
        self.filling, self.is_remembered = Filling(plan.groups_version, self.partition_state.grouped), True
        self.received, self.repeats = list[int](), 0

    def open(self) -> Iterator[None]:
        """Find the partition's event time, its model versions, what is counted for the first time, and all timers."""
        if isinstance(before := self.states.get(REACHED_KEY), Reached):
            self.reaching.reached = before
        if isinstance(known := self.states.get(CONTROL_KEY), PartitionState):
            self.partition_state = known = whole(known, self.states.get)
            self.watch.begins(self.plan.declared.beyond(known.counting))
            self.versions.begin(known)
        filling = self.filling = Filling(self.plan.groups_version, self.partition_state.grouped)
        for key, raw in self.states.raw_items():
            if not is_own(key):
                self.wake_ups.set(key, next_due(raw))
                filling.note(key, raw)
                self.products.note(key, raw)
            yield
        counting, grouped = self.plan.declared.keys, filling.grouped
        self.is_remembered = grouped == self.partition_state.grouped
        self.partition_state = replace(self.partition_state, counting=counting, grouped=grouped)
        self.watch.filling(self.context.partition, len(filling))

    def cut(self) -> None:
        """A transaction begins."""
        self.watch.cut(self.context.partition)

    def committed(self) -> None:
        """What was decided until the cut can be read."""
        self.watch.committed(self.context.partition)

    @property
    def shared(self) -> Shared:
        """What customers of a partition have in common: what is left of budgets, and the products."""
        return Shared(self.budgets(self.partition_state.spent), self.products.find)

    def put(self, key: bytes, state: Customer | Alias | Product | None) -> None:
        """Keep a state, or with None forget it, and when it is to be woken."""
        if self.plan.product_rules:
            before = self.states.get(key)
            self.watch.unwatched(self.products.moved(key, sightings_in(before), sightings_in(state)))
        self.states.put(key, state)
        self.wake_ups.set(key, None if state is None else state.next_due_ms)

    def remember(self, state: PartitionState) -> None:
        """Keep what is known of the partition itself."""
        for key, release in changes(self.partition_state, state):
            self.states.put(key, release)
        self.partition_state, self.is_remembered = state, True
        self.states.put(CONTROL_KEY, state)

    def known(self, key: bytes) -> Customer | Alias | None:
        """Who has the key, or for whom it stands."""
        state = self.states.get(key)
        return state if isinstance(state, Customer | Alias) else None

    def position(self, record: Record) -> str:
        """Where a record stands in the log, as decisions say it."""
        return f"{self.context.topic_id}/{record.partition}/{record.offset}"
