"""The products of a partition of the log, and who watches them.

Each partition has its own copy of each product: what is told of one comes into the partition of its key, which passes
it on to all others. So whoever watches a product is asked where that customer's state is, and nothing is written for
what customers see but their own states. A product that many watch is told of in as many partitions as there are, and in
small pieces: `told` remembers who was asked last, so that nobody is asked twice if a worker dies in between.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from streamproc.customer.codec import decode
from streamproc.customer.sightings import MAX_SIGHTINGS, NO_SIGHTINGS, Sightings, watched
from streamproc.customer.state import Customer
from streamproc.decide.plan import Plan
from streamproc.decide.products.product import Product
from streamproc.decide.products.watching import WATCHING
from streamproc.decide.states import State, is_customer
from streamproc.events.catalogue import ProductChanged
from streamproc.events.log import LogEntry
from streamproc.events.subject import Kind
from streamproc.processor.api import States

_MARK = f'"{WATCHING}":'.encode()
"""Stands in the bytes of a state whose customer watches anything, and in hardly any other."""


class ToAsk(NamedTuple):
    """A customer who is to be asked about a product: by these timers; `product` is how far it is after that."""

    key: bytes
    timers: tuple[str, ...]
    product: Product


class Products:
    """What is known of products, and their watchers; nothing, and nobody, if no rule asks for them."""

    def __init__(self, plan: Plan, states: States[State]) -> None:
        self._rules = plan.product_rules
        self._currency = plan.shop.currency
        self._states = states
        self._watchers: dict[str, set[bytes]] = {}

    def note(self, key: bytes, raw: bytes) -> None:
        """Somebody who is known as the partition is taken over."""
        if self._rules and _MARK in raw and is_customer(key, raw):
            self.moved(key, NO_SIGHTINGS, decode(raw).sightings)

    def find(self, sku: str) -> Product | None:
        """What is known of a product."""
        state = self._states.get(Kind.PRODUCT.key(sku).encode()) if self._rules else None
        return state if isinstance(state, Product) else None

    def changed(self, entry: LogEntry, event: ProductChanged) -> Product | None:
        """The product after what is told of it; None: it says nothing new, or nobody wants to know."""
        if not self._rules:
            return None
        known = self.find(event.sku) or Product(event.sku)
        after = known.with_change(event, entry.at_ms, entry.complete_ms, self._currency)
        if after is known:
            return None
        return after if entry.is_backfill else after.to_be_told(entry.at_ms)

    def moved(self, key: bytes, before: Sightings, after: Sightings) -> int:
        """A customer watches other products than before; how many were given up for want of room."""
        if before is after or not self._rules:
            return 0
        was, now = watched(before), watched(after)
        for sku in was - now:
            watchers = self._watchers.get(sku, set())
            watchers.discard(key)
            if not watchers:
                self._watchers.pop(sku, None)
        for sku in now - was:
            self._watchers.setdefault(sku, set()).add(key)
        bought = {each.sku for each in after if each.is_bought}
        return len(was - now - bought) if len(after) == MAX_SIGHTINGS else 0

    def to_ask(self, product: Product, at_ms: int, known_ms: int) -> Iterator[ToAsk]:
        """Who is to be asked about what changed at a moment, in the order of their keys.

        Args:
            product: which has changed.
            at_ms: when (epoch ms).
            known_ms: until when all is known.
        """
        rules = [rule for rule in self._rules if rule.begun(product, known_ms) == at_ms]
        watchers = self._watchers.get(product.sku, ()) if rules else ()
        for key in sorted(each for each in watchers if each.decode() > product.told):
            state = self._states.get(key)
            if isinstance(state, Customer):
                found = [rule for rule in rules if rule.found(state, product, known_ms) is not None]
                if found:
                    timers = tuple(rule.timer_of(product.sku) for rule in found)
                    yield ToAsk(key, timers, replace(product, told=key.decode()))


def sightings_in(state: State | None) -> Sightings:
    """What whoever has the state has seen."""
    return state.sightings if isinstance(state, Customer) else NO_SIGHTINGS
