"""A consumer shop's events, made up: the mix of kinds, and customers with a year behind them."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from streamproc.customer.state import Customer
from streamproc.decide.plan import Plan
from streamproc.decide.segments.decay import DECAY
from streamproc.decide.step import step
from streamproc.events.log import LogEntry, TimerDue
from streamproc.events.raw import RAW
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import subject_of
from streamproc.events.times import DAY_MS, HOUR_MS, rfc3339
from streamproc.models.releases.bank import ModelBank

START_MS = 1_767_225_600_000
YEAR_MS = 365 * DAY_MS

MIX = {
    "product_viewed": 30, "page_viewed": 28, "searched": 6, "cart_added": 8, "cart_removed": 1, "checkout_started": 3,
    "order_placed": 4, "order_refunded": 0.2, "sent": 7, "delivered": 7, "opened": 4, "clicked": 1,
    "consent_changed": 0.3, "identified": 0.5,
}  # fmt: skip
"""Kinds of events and how often each comes, in hundredths."""

_CHANNEL = {"channel": "email"}


def values(dice: Random, kind: str, customer: str, at_ms: int, number: int) -> dict[str, Any]:
    """One raw event, as JSON values."""
    common = {"event_id": f"e{number:015d}", "type": kind, "occurred_at": rfc3339(at_ms), "customer_id": customer}
    sku = f"sku-{dice.randrange(5_000):05d}"
    match kind:
        case "order_placed":
            lines = [
                {
                    "sku": f"sku-{dice.randrange(5_000):05d}",
                    "category": "garden",
                    "quantity": dice.randint(1, 3),
                    "unit_price": dice.randrange(1, 80) * 1_000_000,
                    "discount": dice.choice((0, 0, 0, 500_000)),
                }
                for _ in range(dice.choice((1, 1, 2, 3, 5)))
            ]
            return common | {"order_id": f"o{number}", "currency": "EUR", "lines": lines}
        case "order_refunded":
            return common | {"order_id": f"o{number}", "currency": "EUR", "amount": 5_000_000}
        case "sent" | "delivered" | "opened" | "clicked":
            return common | _CHANNEL | {"message_id": f"m{number // 8}", "campaign_id": "spring"}
        case "consent_changed":
            return common | _CHANNEL | {"granted": dice.random() < 0.9}
        case "identified":
            return common | {"traits": {"city": "Leeds", "age": dice.randrange(18, 80)}}
    page = {"url": f"https://shop.example/p/{sku}", "device": dice.choice(("phone", "desktop")), "locale": "en-GB"}
    extra: dict[str, dict[str, Any]] = {
        "product_viewed": {"sku": sku, "category": "garden", "price": 9_900_000, "currency": "EUR"},
        "searched": {"query": "garden chair"},
        "cart_added": {"sku": sku, "quantity": 1, "unit_price": 9_900_000, "currency": "EUR"},
        "cart_removed": {"sku": sku},
    }
    return common | page | extra.get(kind, {})


def kinds(dice: Random) -> Iterator[str]:
    """Kinds of events without end, in the mix."""
    names, weights = list(MIX), list(MIX.values())
    while True:
        yield from dice.choices(names, weights, k=1_000)


def known_customers(count: int, plan: Plan, bank: ModelBank, events_each: int = 60) -> Sequence[Customer]:
    """Customers as they are after a year: most with some orders, open questions, messages, a cart."""
    dice = Random(1)
    found, number, kind = [], 0, kinds(dice)
    for index in range(count):
        customer: Customer | None = None
        moments = sorted(dice.randrange(YEAR_MS) for _ in range(1 + round(dice.expovariate(1 / events_each))))
        for moment in [START_MS - YEAR_MS, *(START_MS - YEAR_MS + each for each in moments)]:
            wanted = next(kind) if customer else "consent_changed"
            key = f"c{index:09d}"
            event = RAW.validate_python(values(dice, wanted, key, moment, number), strict=False)
            if isinstance(event, SourceProgressed):
                raise TypeError("not an event of a shop")
            entry = LogEntry(subject_of(event).key, moment, f"b/0/{number}", number, event)
            customer = step(customer, entry, plan, bank).customer
            number += 1
        if customer is not None:
            customer = _decayed(customer, plan, bank)
            customer.applied_offset = -1
            found.append(customer)
    return found


def _decayed(customer: Customer, plan: Plan, bank: ModelBank) -> Customer:
    """The customer when segments have been entered and left by time, as marks see to until the year ends."""
    while (due := customer.timers.get(DECAY)) is not None and due <= START_MS:
        entry = LogEntry(customer.key, due, f"b/0/{due}", customer.applied_offset, TimerDue(DECAY))
        customer = step(customer, entry, plan, bank).customer or customer
    return customer


def later_values(count: int, customers: int, seed: int = 2) -> Iterator[dict[str, Any]]:
    """Events of the day after that year, in time order, of customers drawn at random."""
    dice = Random(seed)
    kind = kinds(dice)
    for number in range(count):
        at_ms = START_MS + number * 24 * HOUR_MS // count
        yield values(dice, next(kind), f"c{dice.randrange(customers):09d}", at_ms, 10**9 + number)
