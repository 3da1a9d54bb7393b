"""Triggers of the kind `absence`: something did not happen within a delay after something did.

The delay runs in event time, and only a mark can end it: nothing is concluded from events that have not been seen.
So the trigger fires late when a worker or a source was down, and never when the awaited event did come.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from streamproc.config_file import Minutes
from streamproc.customer import awaited
from streamproc.customer.cart import Cart, cart_of
from streamproc.customer.cart_acts import CartActs
from streamproc.customer.sendings import Sending, key_of
from streamproc.customer.state import Awaited, Customer, Waiting
from streamproc.decide.finding import Finding
from streamproc.decide.moment import CORRECTED, Moment
from streamproc.decide.triggers.base import Candidate, TriggerRule, known_event
from streamproc.events.log import TimerDue
from streamproc.events.times import MINUTE_MS, rfc3339

EventNames = tuple[Annotated[str, AfterValidator(known_event)], ...]
CART_EVENTS = ("cart_added", "cart_removed", "cart_updated", "checkout_started", "order_placed")


class AbsenceTrigger(TriggerRule):
    """Fires `delay_minutes` after the last of the events in `after`, unless one of those in `unless` came.

    With `correlate` = `order`, `product` or `message` the delay runs for each of these by itself, once.
    With `correlate = "cart"` the cart decides instead: it fires when a cart has lain with something in it for the
    delay since its last change, check-out or order, once per cart. Any order ends the cart that it follows; with
    `unless_ordered = false` only the order that names it does, and another one takes its products out.
    """

    kind: Literal["absence"]
    delay_minutes: Minutes
    correlate: Literal["customer", "cart", "order", "product", "message"] = "customer"
    after: EventNames = ()
    unless: EventNames = ()
    unless_ordered: bool = True

    @model_validator(mode="after")
    def _start_is_known(self) -> Self:
        if self.correlate != "cart" and not self.after:
            raise ValueError("name the events that start the delay in `after`")
        if self.correlate == "cart" and (self.after or self.unless):
            raise ValueError('with correlate = "cart" the cart starts and ends the delay: leave out after and unless')
        return self

    @property
    def wakes_on(self) -> frozenset[str]:
        """What starts, restarts or ends the delay."""
        return (
            frozenset((*CART_EVENTS, CORRECTED))
            if self.correlate == "cart"
            else frozenset((*self.after, *self.unless, CORRECTED))
        )

    @property
    def delay_ms(self) -> int:
        """The delay in milliseconds."""
        return round(self.delay_minutes * MINUTE_MS)

    def consider(self, moment: Moment) -> Candidate | None:
        """Start, restart or end the delay; fire when it has run out. What is told too late starts none."""
        if self.is_keyed:
            return self._consider_each(moment)
        if isinstance(moment.entry.event, TimerDue):
            return self._fire(moment) if moment.is_due(self.timer) else None
        due = self._cart_due(moment) if self.correlate == "cart" else self._event_due(moment)
        if self.timer in moment.customer.timers or not moment.is_stale(self.max_age_ms):
            moment.set_timer(self.timer, due)
        return None

    @property
    def is_keyed(self) -> bool:
        """Whether each order, product or message has a delay of its own."""
        return self.correlate in ("order", "product", "message")

    def _consider_each(self, moment: Moment) -> Candidate | None:
        """Begin or end the delays of the event's keys; fire for the one that has run out first."""
        customer, event, now = moment.customer, moment.entry.event, moment.now_ms
        found = None
        if moment.is_due(self.timer):
            found = min(awaited.running(customer.awaited, self.name), key=_first, default=None)
            if found is not None and found.begun_ms + self.delay_ms <= now:
                customer.awaited = awaited.fired(customer.awaited, found)
        for key in awaited.keys_of(event, self.correlate):
            if moment.happened in self.unless:
                customer.awaited = awaited.ended(customer.awaited, self.name, key, now)
            if moment.happened in self.after and not moment.is_stale(self.max_age_ms):
                customer.awaited = awaited.begun(customer.awaited, self.name, key, now)
        first = min(awaited.running(customer.awaited, self.name), key=_first, default=None)
        moment.set_timer(self.timer, None if first is None else first.begun_ms + self.delay_ms)
        if found is None or found.begun_ms + self.delay_ms > now or not self.fits(moment):
            return None
        return self.candidate(moment, found.key)

    def still_holds(self, moment: Moment, waiting: Waiting) -> bool:
        """Whether it has still not happened, and the conditions hold."""
        if self.is_keyed:
            row = awaited.find(moment.customer.awaited, self.name, waiting.correlation)
            return row is not None and row.ended_ms < row.begun_ms and self.fits(moment)
        if self.correlate == "cart":
            cart = self._cart(moment)
            return cart is not None and cart.cart_id == waiting.correlation and self.fits(moment)
        ended = moment.customer.awaited_seen.get(self.name)
        return (ended is None or ended < waiting.since_ms - self.delay_ms) and self.fits(moment)

    def was_wrong(self, moment: Moment, sending: Sending) -> bool:
        """Whether it had happened, or the delay had not run out."""
        if self.correlate == "cart":
            return self._was_touched(moment.customer, sending)
        if self.is_keyed and sending.key not in map(key_of, awaited.keys_of(moment.entry.event, self.correlate)):
            return False
        begun_ms, kind = sending.since_ms - self.delay_ms, moment.entry.event.type
        if kind in self.unless:
            return begun_ms <= moment.now_ms <= sending.at_ms
        return kind in self.after and begun_ms < moment.now_ms <= sending.since_ms

    def _was_touched(self, customer: Customer, sending: Sending) -> bool:
        """Whether the cart was gone when the trigger went out, or had not lain long enough at its occasion."""
        known = [act for act in customer.cart_acts if act.at_ms <= sending.at_ms]
        if not known:
            return False  # forgotten by now
        cart = cart_of(customer.key, CartActs.of(known), until_ordered=self.unless_ordered)
        earlier = CartActs.of(act for act in known if act.at_ms <= sending.since_ms)
        then = cart_of(customer.key, earlier, until_ordered=self.unless_ordered)
        return cart is None or then is None or then.changed_ms + self.delay_ms > sending.since_ms

    def occasion(self, moment: Moment) -> Iterator[Finding]:
        """What is waited for, and since when."""
        customer = moment.customer
        if self.correlate == "cart":
            cart = self._cart(moment)
            said = "none" if cart is None else f"{cart.cart_id}, changed last at {rfc3339(cart.changed_ms)}"
            yield Finding("occasion", "the cart", said)
        for row in awaited.running(customer.awaited, self.name):
            due = rfc3339(row.begun_ms + self.delay_ms)
            yield Finding("occasion", f"{self.correlate} {row.key}", f"begun at {rfc3339(row.begun_ms)}, due {due}")
        if (seen_ms := customer.awaited_seen.get(self.name)) is not None:
            yield Finding("occasion", "what it waits for", f"happened last at {rfc3339(seen_ms)}")

    def _cart_due(self, moment: Moment) -> int | None:
        cart, fired = self._cart(moment), moment.customer.fired.get(self.name)
        if cart is None or (fired is not None and fired.correlation == cart.cart_id):
            return None
        return cart.changed_ms + self.delay_ms

    def _cart(self, moment: Moment) -> Cart | None:
        customer = moment.customer
        return cart_of(customer.key, customer.cart_acts, until_ordered=self.unless_ordered)

    def _event_due(self, moment: Moment) -> int | None:
        """The awaited event ends the delay if it came after the start, also when the start is seen only later."""
        running, now = moment.customer.timers.get(self.timer), moment.now_ms
        kind, ended = moment.entry.event.type, moment.customer.awaited_seen
        if kind in self.unless:
            moment.customer.awaited_seen = ended = {**ended, self.name: max(now, ended.get(self.name, now))}
        if running is not None and ended.get(self.name, -1) >= running - self.delay_ms:
            running = None
        if kind in self.after and (self.name not in ended or now > ended[self.name]):
            return now + self.delay_ms if running is None else max(running, now + self.delay_ms)
        return running

    def _fire(self, moment: Moment) -> Candidate | None:
        cart = self._cart(moment)
        if self.correlate == "customer":
            return self.candidate(moment, moment.entry.position) if self.fits(moment) else None
        if cart is None or not self.fits(moment):
            return None
        return self.candidate(moment, cart.cart_id, {"cart_lines": float(len(cart.lines))})


def _first(row: Awaited) -> tuple[int, str]:
    return row.begun_ms, row.key
