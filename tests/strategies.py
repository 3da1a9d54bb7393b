"""Hypothesis strategies: any event of a customer, and what events are made of."""

from typing import Any
from unicodedata import normalize

from hypothesis import strategies as st

from streamproc.events.base import RawEvent
from streamproc.events.clickstream import (
    CartAdded,
    CartLine,
    CartRemoved,
    CartUpdated,
    CheckoutStarted,
    PageViewed,
    ProductViewed,
    Searched,
)
from streamproc.events.email import (
    Bounced,
    Clicked,
    Complained,
    Deferred,
    Delivered,
    Dropped,
    Opened,
    Sent,
    Unsubscribed,
)
from streamproc.events.profile import EVERYTHING, PURPOSES, ConsentChanged, ErasureRequested, Identified, TagChanged
from streamproc.events.purchase import OrderCancelled, OrderLine, OrderPlaced, OrderRefunded
from tests.builders import envelope

ids = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).map(
    lambda text: normalize("NFC", text)
)
skus = st.sampled_from(["lamp", "rug", "vase", "chair", "😀", "كرسي"])
moments = st.one_of(st.integers(0, 180), st.integers(0, 180), st.integers(0, 120 * 24 * 60)).map(
    lambda minutes: {"minutes": minutes}
)
"""Mostly within three hours, so that things meet, else within 120 days."""
purposes = st.sampled_from(sorted(PURPOSES | {EVERYTHING}))
channels = st.sampled_from(["email", "sms", "push", "web"])
message_ids = st.sampled_from(["m1", "m2", "m3"])
carts = st.sampled_from([None, "cart-a", "cart-b"])
order_ids = st.sampled_from(["o1", "o2", "o3"])
amounts = st.integers(0, 10**9)
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
tags = st.sampled_from(["a", "b", "c"])
trait_values = st.one_of(
    words,
    st.booleans(),
    st.none(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
)
lines = st.lists(
    st.builds(
        OrderLine, sku=skus, quantity=st.integers(1, 9), unit_price=amounts, category=st.sampled_from([None, "a"])
    ),
    min_size=1,
    max_size=4,
).map(tuple)


def _some(cls: type[RawEvent], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def build(when: dict[str, Any], event_id: int, values: dict[str, Any]) -> RawEvent:
        return cls(**envelope({**when, "event_id": f"e{event_id}", **values}))

    return st.builds(build, moments, st.integers(0, 10**6), st.fixed_dictionaries(fields))


_about_message = {
    "message_id": message_ids,
    "channel": channels,
    "is_machine": st.booleans(),
    "campaign_id": st.sampled_from([None, "c"]),
}

variants = st.sampled_from([None, "lamp", "lamp-red"])
contents = st.lists(st.builds(CartLine, sku=skus, variant=variants, quantity=st.integers(0, 5)), max_size=3).map(tuple)
orders = _some(OrderPlaced, order_id=order_ids, currency=st.just("GBP"), lines=lines, cart_id=carts)
cart_events = (
    _some(CartAdded, sku=skus, variant=variants, quantity=st.integers(0, 5), cart_id=carts),
    _some(CartRemoved, sku=st.none() | skus, product_id=variants, quantity=st.none() | st.integers(1, 5)),
    _some(CartUpdated, lines=contents, cart_id=carts),
    _some(CheckoutStarted, lines=contents, cart_id=carts),
)

events: st.SearchStrategy[Any] = st.one_of(
    _some(PageViewed, utm_campaign=st.sampled_from([None, "spring"])),
    _some(ProductViewed, sku=skus, price=st.none() | amounts),
    _some(Searched, query=st.none() | words),
    *cart_events,
    *(_some(cls, **_about_message) for cls in (Sent, Delivered, Opened, Clicked, Complained, Unsubscribed)),
    *(_some(cls, **_about_message) for cls in (Deferred, Dropped)),
    _some(Bounced, kind=st.sampled_from(["hard", "soft"]), **_about_message),
    orders,
    _some(OrderRefunded, order_id=order_ids, currency=st.just("GBP"), amount=st.none() | amounts),
    _some(OrderCancelled, order_id=order_ids, currency=st.just("GBP"), amount=st.none() | amounts),
    _some(
        ConsentChanged,
        purpose=st.sampled_from(sorted(PURPOSES | {EVERYTHING})),
        channel=channels,
        granted=st.booleans(),
    ),
    _some(TagChanged, tag=tags, given=st.booleans(), by=st.sampled_from(["event", "import"])),
    _some(Identified, traits=st.dictionaries(ids, trait_values, max_size=3)),
    _some(ErasureRequested),
)
"""Any event of ada's, within 120 days; ids may repeat."""
