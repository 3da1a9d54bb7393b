"""Customers who each give a trigger its occasion, or a rule of the policy a reason; each is named by a role."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from streamproc.decide.policy import Holdout
from streamproc.offline.dumps.record import DumpedRecord

HOLDOUT = Holdout(percent=15, salt="live")
EVENING = 9 * 60
DAYS_LATER_MS, CLOSED_MS = 1_772_700_000_000, 1_774_000_000_000
"""5 March and 20 March 2026; the story is of the first."""
REASONS = {
    "no_consent", "hard_bounce", "on_suppression_list", "held_out", "not_eligible", "cool_down", "only_once", "capped",
    "quiet_hours", "collecting", "outranked", "campaign_sent", "over", "expired", "stale",
    "soft_bounces",
}  # fmt: skip
SENT = {
    "hello", "once", "cart", "unopened", "keen", "loyal_now", "second", "send_offer", "night", "high", "receipt",
    "cheaper", "again", "after_the_second",
}  # fmt: skip


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAMILY = {
    "searched": "clickstream", "page_viewed": "clickstream", "product_viewed": "clickstream",
    "cart_added": "clickstream", "order_placed": "purchase", "delivered": "email", "bounced": "email",
    "product_changed": "catalogue",
}  # fmt: skip


def happened(who: str | None, what: str, minutes: float, **fields: Any) -> DumpedRecord:
    """An event of a customer, or of a product, so many minutes after noon."""
    at, key = NOON + timedelta(minutes=minutes), who or str(fields["sku"])
    event = {"event_id": f"{key}-{what}-{minutes}", "type": what, "occurred_at": at.isoformat(), **fields}
    if who is not None:
        event["customer_id"] = who
    topic = f"shop.{FAMILY.get(what, 'profile')}.v1"
    return DumpedRecord(topic, key.encode(), int(at.timestamp() * 1000), orjson.dumps(event))


def name_of(role: str, *, held_out: bool = False) -> str:
    """A customer who is in the control group, or is not."""
    return next(f"{role}-{n}" for n in range(999) if HOLDOUT.has(f"c/{role}-{n}") == held_out)


def person(role: str, **traits: Any) -> list[DumpedRecord]:
    """Somebody who allows e-mail and push."""
    who = name_of(role, held_out=role == "held")
    said = happened(who, "identified", 0, traits={"role": role, **traits})
    return [said, happened(who, "consent_changed", 0, channel="email", granted=role != "refused"),
            happened(who, "consent_changed", 0.1, channel="push", granted=role != "refused")]  # fmt: skip


def searched(role: str, *minutes: float) -> list[DumpedRecord]:
    who = name_of(role, held_out=role == "held")
    return [happened(who, "searched", each, query="lamp") for each in minutes]


def ordered(role: str, minutes: float, number: int = 0) -> DumpedRecord:
    line = {"sku": "mug", "quantity": 1, "unit_price": 5_000_000}
    return happened(name_of(role), "order_placed", minutes, order_id=f"o-{role}-{number}", currency="GBP", lines=[line])


def told(role: str, what: str, minutes: float, **fields: Any) -> DumpedRecord:
    return happened(name_of(role), what, minutes, **fields)


def people() -> list[DumpedRecord]:
    """Everybody who is in the story."""
    roles = ["hello", "refused", "bounced", "held", "cooling", "capped", "stale", "once", "other", "cart", "late",
             "night_cart", "unopened", "keen", "loyal", "second", "offered", "night", "short", "rivals",
             "receipt", "cheaper", "again", "soft"]  # fmt: skip
    return [record for role in roles for record in person(role)] + person("listed", do_not_contact=True)


def product(sku: str, minutes: float, price: int, stock: int) -> DumpedRecord:
    """What a product costs (micros), and how many there are."""
    return happened(None, "product_changed", minutes, sku=sku, price=price, currency="GBP", stock=stock)


def catalogue() -> list[DumpedRecord]:
    """What the shop has at noon."""
    return [product("sofa", 0, 10_000_000, 3), product("vase", 0, 5_000_000, 0)]


def first_half() -> list[DumpedRecord]:
    """What they do in the first hours."""
    records: list[DumpedRecord] = []
    for role in ("hello", "refused", "listed", "held", "once", "other", "rivals"):
        records += searched(role, 10)
    records += [told("bounced", "bounced", 5, message_id="b"), *searched("bounced", 10)]
    records += [told("soft", "bounced", 5 + n, message_id=f"s{n}", kind="soft") for n in range(3)]
    records += searched("soft", 10)
    records += [told(role, "product_viewed", 10, sku=sku) for role, sku in (("cheaper", "sofa"), ("again", "vase"))]
    records += [product("sofa", 100, 8_000_000, 3), product("vase", 100, 5_000_000, 7)]
    records += searched("cooling", 10, 40)
    records += searched("once", 60)
    records += searched("capped", *(10 + 90 * n for n in range(4)))
    records += [told(role, "cart_added", 10, sku="mug", cart_id=f"cart-{role}") for role in ("cart", "late")]
    records += [told("unopened", "delivered", 10, message_id="mail")]
    records += [told("keen", "page_viewed", 10 + n) for n in range(3)]
    records += [ordered(role, 10 + n, n) for role in ("loyal", "second") for n in range(2)]
    return [*records, ordered("offered", 10), ordered("receipt", 10)]


def second_half() -> list[DumpedRecord]:
    """The evening: what waits for the morning."""
    cart = told("night_cart", "cart_added", EVENING, sku="mug", cart_id="cart-night")
    return [*searched("night", EVENING), *searched("short", EVENING), cart]


def in_time(records: list[DumpedRecord]) -> list[DumpedRecord]:
    return sorted(records, key=lambda record: record.timestamp)
