"""What the kinds share that are about products which a customer has seen: when it is asked, and of which product.

A change of a product counts when event time has come to it, so the order in which it and what customers saw arrive
tells nobody more or less. Then whoever watches the product is asked, in each partition
(`decide/products/watched.py`). What is told later than that has a timer of its own, at the moment of the change.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field

from streamproc.config_file import Days
from streamproc.customer.sendings import RETRACTED, Sending, key_of
from streamproc.customer.sightings import Sighting, bought_in, last_of, watched
from streamproc.customer.state import Customer, Waiting
from streamproc.decide.finding import Finding
from streamproc.decide.moment import CORRECTED, Moment, Values
from streamproc.decide.products.product import Product
from streamproc.decide.triggers.base import Candidate, TriggerRule
from streamproc.events.log import ProfileMoved, TimerDue
from streamproc.events.purchase import OrderPlaced
from streamproc.events.times import DAY_MS, rfc3339

SEEN_BY = ("product_viewed", "cart_added", "cart_updated", "checkout_started")


class Last(NamedTuple):
    """What a customer knows of a product: by what was seen last, or by what the rule has sent since; epoch ms."""

    at_ms: int
    sighting: Sighting | None


class ProductTrigger(TriggerRule):
    """A rule about products that a customer has seen within `within_days`, and has not bought since."""

    within_days: Annotated[Days, Field(gt=0, le=366)] = 30

    @property
    def wakes_on(self) -> frozenset[str]:
        """What was seen may be told late; what was bought is watched no longer."""
        return frozenset((*SEEN_BY, "order_placed", CORRECTED))

    @property
    def within_ms(self) -> int:
        """How long a product is watched, in milliseconds."""
        return round(self.within_days * DAY_MS)

    @abstractmethod
    def begun(self, product: Product, at_ms: int) -> int | None:
        """Since when what may be told of the product at a moment is true; None: there is nothing to be told."""

    @abstractmethod
    def compared(self, product: Product, last: Last, at_ms: int) -> Values | None:
        """What is to be told to somebody who knows so much of the product; None: nothing."""

    def occasion(self, moment: Moment) -> Iterator[Finding]:
        """Which products the customer watches, and since when."""
        for sku in sorted(watched(moment.customer.sightings)):
            last = self._last(moment.customer, sku, moment.now_ms)
            if last is not None:
                how = "told of it" if last.sighting is None else "seen"
                yield Finding("occasion", f"watches {sku}", f"{how} at {rfc3339(last.at_ms)}")

    def timer_of(self, sku: str) -> str:
        """The name of the timer that asks about a product."""
        return f"{self.timer}/{sku}"

    def found(self, customer: Customer, product: Product | None, at_ms: int) -> Values | None:
        """What is to be told to a customer about a product at a moment; None: nothing."""
        begun_ms = None if product is None else self.begun(product, at_ms)
        if product is None or begun_ms is None:
            return None
        last = self._last(customer, product.sku, at_ms)
        return None if last is None or last.at_ms >= begun_ms else self.compared(product, last, at_ms)

    def consider(self, moment: Moment) -> Candidate | None:
        """Fire if it is the product's moment; what came too late for that is asked about behind it."""
        if isinstance(moment.entry.event, TimerDue):
            sku = moment.entry.event.name.removeprefix(f"{self.timer}/")
            values = self.found(moment.customer, moment.shared.product(sku), _known_until(moment))
            return self.candidate(moment, sku, values) if values is not None and self.fits(moment) else None
        for sku in _concerned(moment):
            self._ask_late(moment, sku)
        return None

    def still_holds(self, moment: Moment, waiting: Waiting) -> bool:
        """Whether it is as true as it was, and the customer has neither bought it nor seen it like this."""
        product = moment.shared.product(waiting.correlation)
        return self.found(moment.customer, product, _known_until(moment)) is not None and self.fits(moment)

    def values_now(self, moment: Moment, waiting: Waiting) -> Values:
        """As the product is now."""
        product = moment.shared.product(waiting.correlation)
        return self.found(moment.customer, product, _known_until(moment)) or waiting.values

    def was_wrong(self, moment: Moment, sending: Sending) -> bool:
        """Whether the customer had bought it; what was seen since says nothing of before."""
        event = moment.entry.event
        if not isinstance(event, OrderPlaced) or moment.now_ms > sending.at_ms:
            return False
        sku = next((name for name in bought_in(event) if key_of(name) == sending.key), None)
        if sku is None:
            return False
        return all(each.sku != sku or each.at_ms <= moment.now_ms for each in moment.customer.sightings)

    def _ask_late(self, moment: Moment, sku: str) -> None:
        """If what the customer should be asked about is over already, and was not known then."""
        product, settled_ms = moment.shared.product(sku), moment.entry.complete_ms
        if product is None or settled_ms is None or moment.is_stale(self.max_age_ms):
            return
        begun_ms = self.begun(product, settled_ms)
        if begun_ms is not None and self.found(moment.customer, product, settled_ms) is not None:
            moment.set_timer(self.timer_of(sku), begun_ms)

    def _last(self, customer: Customer, sku: str, at_ms: int) -> Last | None:
        """What the customer knows of a product; None: it is not watched."""
        seen = last_of(customer.sightings, sku, at_ms)
        if seen is None or seen.is_bought or seen.at_ms < at_ms - self.within_ms:
            return None
        told_ms = max(self._told(customer.sendings.records, sku), default=-1)
        return Last(seen.at_ms, seen) if told_ms < seen.at_ms else Last(told_ms, None)

    def _told(self, sendings: Sequence[Sending], sku: str) -> Iterator[int]:
        """When the rule has told of the product."""
        key = key_of(sku)
        for each in sendings:
            if each.key == key and each.trigger == self.name and not each.came & RETRACTED:
                yield each.at_ms


def rule_timer(timer: str) -> str:
    """The timer of the rule that a timer is of, which may be about one product.

    >>> rule_timer("trigger:cheaper/mug")
    'trigger:cheaper'
    """
    return timer.partition("/")[0]


def _known_until(moment: Moment) -> int:
    """The latest moment of which all is known."""
    return max(moment.now_ms, moment.entry.complete_ms or moment.now_ms)


def _concerned(moment: Moment) -> tuple[str, ...]:
    """The products that the entry tells something new of; a profile that moves brings all of its own."""
    customer = moment.customer
    if isinstance(moment.entry.event, ProfileMoved):
        return tuple(sorted(watched(customer.sightings)))
    now_ms = moment.now_ms
    return tuple(each.sku for each in customer.sightings if each.at_ms == now_ms and not each.is_bought)
