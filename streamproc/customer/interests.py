"""What a customer likes, uses and waits for: categories, devices, and units that were bought cheaper.

It is counted for four weeks at a time, under a name each: so it is the same in whatever order events come, and two
profiles add up; it fades when it is read. Of each kind `MOST` names are kept. Nothing is counted that the
configuration does not ask for.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from streamproc.customer.responses import period_of
from streamproc.customer.windows import Buckets
from streamproc.events.base import RawEvent
from streamproc.events.clickstream import BrowsingEvent, CartAdded, ProductViewed
from streamproc.events.purchase import OrderPlaced

Interests = Mapping[str, Buckets]
"""By kind and name, such as `category:garden`: points (of `price:` units, and how many of them were discounted)."""

Kind = Literal["category", "device", "price"]
KEEP_PERIODS = 26
MOST = 12
VIEWED, ADDED, BOUGHT = 1, 3, 10
"""Points of a category for a look at a product, one in the cart, and a line of an order."""
MAX_NAME = 64

Counted = tuple[str, tuple[tuple[int, int], ...]]


def noted(interests: Interests, event: RawEvent, at_ms: int, keep: frozenset[Kind]) -> Interests:
    """With what an event says, of the kinds that are kept; what is kept no longer is dropped."""
    kept = {key: buckets for key, buckets in interests.items() if key.partition(":")[0] in keep}
    added = dict[str, Buckets]()
    for key, counts in _said(event):
        if key.partition(":")[0] in keep:
            before = added.get(key) or kept.get(key, Buckets())
            added[key] = before.counted(period_of(at_ms), counts, KEEP_PERIODS)
    if not added and len(kept) == len(interests):
        return interests
    return _bounded({**kept, **added})


def united(one: Interests, other: Interests) -> Interests:
    """What is known of both."""
    keys = sorted({*one, *other})
    return _bounded({key: one.get(key, Buckets()).joined(other.get(key, Buckets()), KEEP_PERIODS) for key in keys})


def by_name(interests: Interests, kind: Kind) -> dict[str, Buckets]:
    """What is known of a kind."""
    return {key.partition(":")[2]: held for key, held in interests.items() if key.startswith(f"{kind}:")}


def _said(event: RawEvent) -> Iterator[Counted]:
    if isinstance(event, BrowsingEvent) and event.device:
        yield f"device:{event.device.lower()[:MAX_NAME]}", ((0, 1),)
    match event:
        case ProductViewed(category=str(category)):
            yield _category(category), ((0, VIEWED),)
        case CartAdded(category=str(category)):
            yield _category(category), ((0, ADDED),)
        case OrderPlaced():
            yield from _bought(event)


def _bought(event: OrderPlaced) -> Iterator[Counted]:
    """The paid lines; with a discount on the order as a whole, or a coupon, all of them were cheaper."""
    paid = [line for line in event.lines if line.amount]
    for line in paid:
        if line.category is not None:
            yield _category(line.category), ((0, BOUGHT),)
    is_cheaper = bool(event.discount or event.coupon)
    cheaper = sum(line.quantity for line in paid if is_cheaper or line.discount)
    if units := sum(line.quantity for line in paid):
        yield "price:", ((0, units), (1, cheaper))


def _category(name: str) -> str:
    return f"category:{name[:MAX_NAME]}"


def _bounded(interests: dict[str, Buckets]) -> Interests:
    """At most `MOST` names of each kind: those that were newest, and of equals had most; then smaller names."""
    kept: dict[str, int] = {}
    newest = sorted(interests, key=lambda key: (-interests[key].numbers[-1], -_total(interests[key]), key))
    for key in newest:
        kind = key.partition(":")[0]
        kept[kind] = kept.get(kind, 0) + 1
        if kept[kind] > MOST:
            interests = {name: held for name, held in interests.items() if name != key}
    return {key: interests[key] for key in sorted(interests)}


def _total(buckets: Buckets) -> int:
    return sum(row[1] for row in buckets.rows if len(row) > 1)
