"""The catalogue: what a product costs and how many of it there are (`shop.catalogue.v1`); it is of nobody."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streamproc.events.base import Currency, RawEvent, Text, Url
from streamproc.events.identifiers import Sku
from streamproc.events.money import Micros

MOST_STOCK = 10**9
Stock = Annotated[int, Field(ge=-MOST_STOCK, le=MOST_STOCK)]
"""So many pieces; below 0 more was sold than there was."""


class ProductChanged(RawEvent):
    """What is true of a product from `occurred_at` on; what is not said stays as it was.

    `price` is in micros, without a `currency` of the shop's. Whoever did it, it is nobody's: ids of persons are left
    out.
    """

    NEEDS: ClassVar[tuple[str, ...]] = ("sku",)
    WEIGHTY: ClassVar[frozenset[str]] = frozenset(("price", "currency", "stock"))

    type: Literal["product_changed"] = "product_changed"
    customer_id: None = None
    anonymous_id: None = None
    email: None = None
    sku: Sku
    price: Micros | None = None
    currency: Currency | None = None
    stock: Stock | None = None
    category: Text | None = None
    url: Url | None = None
    name: Text | None = None
