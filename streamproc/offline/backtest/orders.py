"""What the customers really did: the orders of a customer log, by which everything is judged."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from streamproc.events.email import Clicked
from streamproc.events.log import CONTROL_KEY, decode_record
from streamproc.events.purchase import OrderPlaced
from streamproc.events.subject import Subject
from streamproc.events.times import DAY_MS, epoch_ms
from streamproc.events.topics import LOG_TOPIC
from streamproc.offline.dumps.files import read_dump

_WANTED = (b'"type":"order_placed"', b'"type":"clicked"')
_OF_AN_ORDER = re.compile(b'"type":"(order_|key_claimed|key_released|profile_moved)')


class Order(NamedTuple):
    """A paid order of an identified customer; `skus` are its paid products, each once.

    `micros`: its amount in the shop's money, 0 of a currency without a rate.
    """

    at_ms: int
    customer_id: str
    order_id: str
    skus: tuple[str, ...]
    categories: frozenset[str]
    micros: int = 0


class Click(NamedTuple):
    """A person's click in a message about an offer."""

    at_ms: int
    offer_id: str


@dataclass
class Behaviour:
    """What the log holds of customers' doings.

    Attributes:
        orders: all, in the order of time.
        by_customer, clicks: orders and clicks by customer.
        through_ms: how far the log is known (epoch ms).
        only_orders: whether it holds nothing but orders and what became of them, so nobody saw an offer.
    """

    orders: list[Order] = field(default_factory=list)
    by_customer: dict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))
    clicks: dict[str, list[Click]] = field(default_factory=lambda: defaultdict(list))
    through_ms: int = 0
    only_orders: bool = True

    def next_orders(self, customer_id: str | None, after_ms: int, until_ms: int) -> list[Order]:
        """The customer's orders after a moment, up to another (included); of a visitor (None) none are known."""
        orders = [] if customer_id is None else self.by_customer.get(customer_id, [])
        first = bisect_right(orders, after_ms, key=lambda order: order.at_ms)
        return [order for order in orders[first:] if order.at_ms <= until_ms]

    def is_known(self, at_ms: int, days: float) -> bool:
        """Whether the log goes on for so long after a moment that what did not happen can be said."""
        return at_ms + days * DAY_MS <= self.through_ms


def behaviour_of(logs: Iterable[Path]) -> Behaviour:
    """Read the customer log; an event that came twice counts once."""
    found, seen = Behaviour(), set[tuple[str, str]]()
    for order in _orders(logs, found):
        if (order.customer_id, order.order_id) not in seen:
            seen.add((order.customer_id, order.order_id))
            found.orders.append(order)
    found.orders.sort(key=lambda order: (order.at_ms, order.order_id))
    for order in found.orders:
        found.by_customer[order.customer_id].append(order)
    return found


def _orders(logs: Iterable[Path], found: Behaviour) -> Iterator[Order]:
    for path in logs:
        for record in read_dump(path):
            if record.topic != LOG_TOPIC:
                continue  # of a dump of several topics
            found.through_ms = max(found.through_ms, record.timestamp)
            value = record.value or b""
            if value and record.key != CONTROL_KEY and not _OF_AN_ORDER.search(value):
                found.only_orders = False
            if not any(wanted in value for wanted in _WANTED):
                continue
            logged = decode_record(value)
            at_ms, event = epoch_ms(logged.at), logged.event
            customer_id = Subject.of_key((record.key or b"").decode()).customer_id
            if customer_id is None:
                continue  # what is passed on to a customer stands in the log once more, under the customer's key
            if isinstance(event, OrderPlaced) and event.amount:
                paid = [line for line in event.lines if line.amount]
                categories = frozenset(line.category for line in paid if line.category)
                micros = event.in_shop_money(event.amount) or 0
                yield Order(at_ms, customer_id, event.order_id, event.paid_skus, categories, micros)
            elif isinstance(event, Clicked) and event.offer_id and not event.is_machine:
                found.clicks[customer_id].append(Click(at_ms, event.offer_id))
