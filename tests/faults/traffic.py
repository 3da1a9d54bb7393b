"""A made-up shop for the fault runs: seeded raw events of all kinds, with everything that real producers do wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import orjson

from streamproc.events.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, rfc3339
from streamproc.offline.dumps.record import DumpedRecord

START_MS = 1_704_067_200_000
DAYS = 90
CUSTOMERS = 60
SKUS = 30
MICROS = 1_000_000
CLICKS, EMAIL, PURCHASE, PROFILE = "shop.clickstream.v1", "shop.email.v1", "shop.purchase.v1", "shop.profile.v1"

KINDS = {
    "page_viewed": (CLICKS, 20),
    "product_viewed": (CLICKS, 20),
    "cart_added": (CLICKS, 15),
    "cart_removed": (CLICKS, 3),
    "order_placed": (PURCHASE, 22),
    "order_refunded": (PURCHASE, 2),
    "sent": (EMAIL, 6),
    "opened": (EMAIL, 4),
    "clicked": (EMAIL, 2),
    "identified": (PROFILE, 2),
    "linked": (PROFILE, 3),
    "merged": (PROFILE, 1),
    "consent_changed": (PROFILE, 4),
}
NOT_HERE = (
    b'{"type":"erasure_requested","event_id":"e","occurred_at":"2024-01-02T00:00:00Z","customer_id":"customer-1"}'
)
"""What only the profile topic may carry, and is never sent to it."""

BROKEN = (b"\xff\xfe", b"{", b'{"type":"no_such_thing"}', b'{"type":"page_viewed","event_id":"e"}', b"[]", NOT_HERE)


@dataclass(frozen=True)
class Traffic:
    """How much happens: `events` messages, spread evenly over `days` days of event time, sent in about `seconds`.

    In the middle so many `passers_by` put something into their carts, all at the same moment, and never come back: what
    they left behind is due at one mark, which wakes all of them.
    """

    seed: int
    events: int
    seconds: float
    days: float = DAYS
    customers: int = CUSTOMERS
    after_days: float = 0.0
    passers_by: int = 0

    @property
    def speed(self) -> float:
        """Seconds of event time per second."""
        return self.days * DAY_MS / SECOND_MS / self.seconds


def shop_events(traffic: Traffic) -> Iterator[DumpedRecord]:
    """The messages in the order of their Kafka timestamps."""
    seed, count = traffic.seed, traffic.events
    dice = Random(seed)
    sent: list[DumpedRecord] = []
    for number in range(count):
        now_ms = START_MS + int(traffic.after_days * DAY_MS + number * traffic.days * DAY_MS / count)
        if number == count // 2:
            yield from _abandoned_carts(now_ms, traffic)
        chance = dice.random()
        if chance < 0.02:
            record = DumpedRecord(dice.choice([CLICKS, EMAIL, PURCHASE]), b"?", now_ms, dice.choice(BROKEN))
        elif chance < 0.04 and sent:
            again = dice.choice(sent)  # a producer that sends a message a second time
            record = DumpedRecord(again.topic, again.key, now_ms, again.value)
        elif chance < 0.05 and sent:
            again = dice.choice(sent)  # one that uses an id for something else
            other = orjson.dumps(orjson.loads(again.value or b"") | {"occurred_at": rfc3339(now_ms)})
            record = DumpedRecord(again.topic, again.key, now_ms, other)
        else:
            record = _event(number, now_ms, traffic, dice)
            sent = [*sent[-49:], record]
        yield record


def _abandoned_carts(now_ms: int, traffic: Traffic) -> Iterator[DumpedRecord]:
    for number in range(traffic.passers_by):
        event = {
            "event_id": f"p{int(traffic.after_days)}-{number}",
            "type": "cart_added",
            "occurred_at": rfc3339(now_ms),
            "customer_id": f"passer-by-{number}",
            "sku": "sku-1",
        }
        yield DumpedRecord(CLICKS, None, now_ms, orjson.dumps(event))


def _event(number: int, now_ms: int, traffic: Traffic, dice: Random) -> DumpedRecord:
    kind = dice.choices(list(KINDS), [weight for _, weight in KINDS.values()])[0]
    late_ms = dice.choice([0, 0, 0, 0, MINUTE_MS, 5 * HOUR_MS])
    event: dict[str, object] = {
        "event_id": f"e{int(traffic.after_days)}-{number}",
        "type": kind,
        "occurred_at": rfc3339(now_ms - late_ms),
        **_subject(kind, traffic.customers, dice),
        **_details(kind, number, dice),
    }
    key = dice.choice([None, str(dice.randrange(1000)).encode()])
    return DumpedRecord(KINDS[kind][0], key, now_ms, orjson.dumps(event))


def _subject(kind: str, customers: int, dice: Random) -> dict[str, object]:
    customer: dict[str, object] = {"customer_id": f"customer-{dice.randrange(customers)}"}
    # A visitor may have the id of a customer, and is somebody else.
    visitor: dict[str, object] = {"anonymous_id": f"customer-{dice.randrange(customers)}"}
    if kind in {"page_viewed", "product_viewed", "cart_added"} and dice.random() < 0.2:
        return visitor
    address: dict[str, object] = {"email": f"customer-{dice.randrange(customers)}@example.org"}
    if kind == "order_placed" and dice.random() < 0.1:
        return dice.choice([{}, address])  # a guest
    if kind in {"order_refunded", "opened", "clicked"} and dice.random() < 0.3:
        return {}  # only the order or the message says whose it is
    if kind == "consent_changed" and dice.random() < 0.2:
        return address
    if kind == "identified" and dice.random() < 0.5:
        return customer | address
    says_both = kind == "linked" or (kind in {"page_viewed", "order_placed"} and dice.random() < 0.1)
    return customer | visitor if says_both else customer


def _details(kind: str, number: int, dice: Random) -> dict[str, object]:
    sku, message = f"sku-{dice.randrange(SKUS)}", {"message_id": f"m{number % 200}", "channel": "email"}
    line = {"sku": sku, "quantity": dice.randint(1, 5), "unit_price": dice.randint(1, 40) * MICROS}
    refund = {"order_id": f"o{dice.randrange(number + 1)}", "currency": "GBP", "amount": 2 * MICROS}
    details: dict[str, dict[str, object]] = {
        "product_viewed": {"sku": sku},
        "cart_removed": {"sku": sku},
        "merged": {"merged_customer_id": f"customer-{dice.randrange(CUSTOMERS)}"},
        "cart_added": {"sku": sku, "quantity": 1, "unit_price": 5 * MICROS, "currency": "GBP"},
        "order_placed": {"order_id": f"o{number}", "currency": "GBP", "lines": [line]},
        "order_refunded": dict(refund),
        "sent": dict(message),
        "opened": dict(message),
        "clicked": dict(message),
        "consent_changed": {"channel": "email", "granted": dice.random() < 0.8},
    }
    return details.get(kind, {})
