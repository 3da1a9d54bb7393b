"""Clickstream: what a visitor does on the shop's site or app (`shop.clickstream.v1`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streamproc.events.agent import AgentEvent
from streamproc.events.base import Contract, Currency, QuantityOrNone, Text, Url
from streamproc.events.identifiers import Id, Sku
from streamproc.events.money import Micros


class BrowsingEvent(AgentEvent):
    """Where and how the visitor was browsing, on every clickstream event; what a machine does counts for nothing."""

    url: Url | None = None
    referrer: Url | None = None
    utm_source: Text | None = None
    utm_medium: Text | None = None
    utm_campaign: Text | None = None
    device: Text | None = None
    locale: Text | None = None


class PageViewed(BrowsingEvent):
    """A page was shown."""

    type: Literal["page_viewed"] = "page_viewed"


class ProductViewed(BrowsingEvent):
    """A product's page was shown; `price` in micros, as the visitor saw it."""

    type: Literal["product_viewed"] = "product_viewed"
    sku: Sku
    category: Text | None = None
    price: Micros | None = None
    currency: Currency | None = None


class Searched(BrowsingEvent):
    """The visitor searched the shop."""

    type: Literal["searched"] = "searched"
    query: Text | None = None


class CartAdded(BrowsingEvent):
    """A product was put into the cart; `unit_price` in micros. Quantity 0 means that none of it is in the cart.

    `variant` and `product_id` are other numbers of the product, by which an order may name it.
    """

    WEIGHTY: ClassVar[frozenset[str]] = BrowsingEvent.WEIGHTY | {"quantity"}

    type: Literal["cart_added"] = "cart_added"
    sku: Sku
    variant: Id | None = None
    product_id: Id | None = None
    quantity: QuantityOrNone = 1
    category: Text | None = None
    unit_price: Micros | None = None
    currency: Currency | None = None
    cart_id: Id | None = None


class CartRemoved(BrowsingEvent):
    """A product was taken out of the cart; no `quantity` means all of it, no `sku` the whole cart."""

    type: Literal["cart_removed"] = "cart_removed"
    sku: Sku | None = None
    variant: Id | None = None
    product_id: Id | None = None
    quantity: QuantityOrNone | None = None
    cart_id: Id | None = None


class CartLine(Contract):
    """One product of a cart's whole content."""

    sku: Sku
    variant: Id | None = None
    product_id: Id | None = None
    quantity: QuantityOrNone = 1


MAX_CONTENT = 100
CartLines = Annotated[tuple[CartLine, ...], Field(max_length=MAX_CONTENT, strict=False)]


class CartUpdated(BrowsingEvent):
    """The cart holds this and nothing else; without lines it is empty."""

    type: Literal["cart_updated"] = "cart_updated"
    lines: CartLines = ()
    cart_id: Id | None = None


class CheckoutStarted(BrowsingEvent):
    """The visitor went to the check-out; `lines`, if given, is all that the cart holds."""

    type: Literal["checkout_started"] = "checkout_started"
    cart_id: Id | None = None
    lines: CartLines = ()
