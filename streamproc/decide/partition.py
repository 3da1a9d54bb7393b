"""What decide knows of one partition of the log: its customers and products, their timers, the time, and the models."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from streamproc.customer.alias import Alias
from streamproc.customer.state import Customer
from streamproc.decide.budgets import Budgets
from streamproc.decide.event_time import PartitionState
from streamproc.decide.filling import Filling
from streamproc.decide.large_releases import changes, whole
from streamproc.decide.plan import Plan
from streamproc.decide.product import Product
from streamproc.decide.products import Products, sightings_in
from streamproc.decide.reached import Reached, Reaching
from streamproc.decide.shared import Shared
from streamproc.decide.states import REACHED_KEY, State, is_own, next_due
from streamproc.decide.timers import WakeUps
from streamproc.decide.versions import Versions
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import (
    CONTROL_KEY,
)
from streamproc.events.topics import (
    LOG_TOPIC,
)
from streamproc.models.bank import ModelBank
from streamproc.processor.api import (
    PartitionContext,
    Record,
)


class Partition:
    """The states of a partition, and what is made of them when it is taken over."""

    def __init__(
        self,
        plan: Plan,
        bank: ModelBank,
        raw_topics: AbstractSet[str],
        watch: DecideWatch,
        context: PartitionContext[State],
    ) -> None:
        self._plan, self._raw_topics, self._watch = plan, raw_topics, watch
        self._versions = Versions(bank, watch)
        self._context, self._states = context, context.states
        self._budgets = partial(Budgets, context.partition, context.partitions[LOG_TOPIC])
        self._partition_state, self._wake_ups = PartitionState(), WakeUps()
        self._reaching = Reaching(partial(context.states.put, REACHED_KEY))
        self._products = Products(plan, context.states)
        self._filling, self._is_remembered = Filling(plan.groups_version, self._partition_state.grouped), True
        self._received, self._repeats = list[int](), 0

    def open(self) -> Iterator[None]:
        """Find the partition's event time, its model versions, what is counted for the first time, and all timers."""
        if isinstance(before := self._states.get(REACHED_KEY), Reached):
            self._reaching.reached = before
        if isinstance(known := self._states.get(CONTROL_KEY), PartitionState):
            self._partition_state = known = whole(known, self._states.get)
            self._watch.begins(self._plan.declared.beyond(known.counting))
            self._versions.begin(known)
        filling = self._filling = Filling(self._plan.groups_version, self._partition_state.grouped)
        for key, raw in self._states.raw_items():
            if not is_own(key):
                self._wake_ups.set(key, next_due(raw))
                filling.note(key, raw)
                self._products.note(key, raw)
            yield
        counting, grouped = self._plan.declared.keys, filling.grouped
        self._is_remembered = grouped == self._partition_state.grouped
        self._partition_state = replace(self._partition_state, counting=counting, grouped=grouped)
        self._watch.filling(self._context.partition, len(filling))

    def cut(self) -> None:
        """A transaction begins."""
        self._watch.cut(self._context.partition)

    def committed(self) -> None:
        """What was decided until the cut can be read."""
        self._watch.committed(self._context.partition)

    @property
    def _shared(self) -> Shared:
        return Shared(self._budgets(self._partition_state.spent), self._products.find)

    def _put(self, key: bytes, state: Customer | Alias | Product | None) -> None:
        if self._plan.product_rules:
            before = self._states.get(key)
            self._watch.unwatched(self._products.moved(key, sightings_in(before), sightings_in(state)))
        self._states.put(key, state)
        self._wake_ups.set(key, None if state is None else state.next_due_ms)

    def _remember(self, state: PartitionState) -> None:
        for key, release in changes(self._partition_state, state):
            self._states.put(key, release)
        self._partition_state, self._is_remembered = state, True
        self._states.put(CONTROL_KEY, state)

    def _known(self, key: bytes) -> Customer | Alias | None:
        state = self._states.get(key)
        return state if isinstance(state, Customer | Alias) else None

    def _position(self, record: Record) -> str:
        return f"{self._context.topic_id}/{record.partition}/{record.offset}"
