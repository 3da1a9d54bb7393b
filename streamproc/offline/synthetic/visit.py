"""One visit to the shop, told step by step; the times come last, so that a visit can end just before an order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import NamedTuple, TypedDict

from streamproc.events.clickstream import CartAdded, CartRemoved, CheckoutStarted, PageViewed, ProductViewed, Searched
from streamproc.events.profile import Linked
from streamproc.events.raw import Event
from streamproc.events.times import SECOND_MS, from_epoch_ms
from streamproc.offline.synthetic.dice import SOURCE
from streamproc.offline.synthetic.shopper import Article, Visitor

SHOP = "https://shop.example"


class Arrival(NamedTuple):
    """Where a visitor came from."""

    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None


class _Envelope(TypedDict):
    event_id: str
    occurred_at: datetime
    customer_id: str | None
    anonymous_id: str | None
    source: str


class _Context(TypedDict):
    referrer: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    device: str
    locale: str


class Visit:
    """The steps of a visit, in order; `name` makes the ids of its events and of its cart."""

    def __init__(self, name: str, visitor: Visitor, arrival: Arrival, dice: Random) -> None:
        self._name = name
        self._visitor = visitor
        self._dice = dice
        self._cart_id = name.replace("-visit-", "-cart-")
        self._context = _Context(
            referrer=arrival.referrer,
            utm_source=arrival.utm_source,
            utm_medium=arrival.utm_medium,
            utm_campaign=arrival.utm_campaign,
            device=visitor.device,
            locale=visitor.locale,
        )
        self._steps: list[tuple[int, Visitor, Callable[[_Envelope], Event]]] = []
        self._length_ms = 0

    def view_page(self, path: str) -> None:
        """Look at a page that is no product's."""
        self._then(lambda who: PageViewed(url=SHOP + path, **who, **self._context))

    def view(self, article: Article) -> None:
        """Look at a product."""
        self._then(
            lambda who: ProductViewed(
                sku=article.sku,
                price=article.price,
                currency=article.currency,
                url=f"{SHOP}/product/{article.sku}",
                **who,
                **self._context,
            )
        )

    def search(self, query: str) -> None:
        """Search the shop."""
        self._then(lambda who: Searched(query=query, url=f"{SHOP}/search", **who, **self._context))

    def add(self, article: Article, quantity: int) -> None:
        """Put a product into the cart."""
        self._then(
            lambda who: CartAdded(
                sku=article.sku,
                quantity=quantity,
                unit_price=article.price,
                currency=article.currency,
                cart_id=self._cart_id,
                **who,
                **self._context,
            )
        )

    def remove(self, sku: str) -> None:
        """Take all of a product out of the cart."""
        self._then(lambda who: CartRemoved(sku=sku, cart_id=self._cart_id, **who, **self._context))

    def check_out(self) -> None:
        """Go to the check-out."""
        self._then(lambda who: CheckoutStarted(cart_id=self._cart_id, url=f"{SHOP}/checkout", **who, **self._context))

    def log_in(self, customer_id: str) -> None:
        """Say who the anonymous visitor is; the rest of the visit carries both ids."""
        self._visitor = replace(self._visitor, customer_id=customer_id)
        self._then(lambda who: Linked(**who))

    def starting(self, at_ms: int) -> list[Event]:
        """The visit's events, the first at `at_ms`."""
        return [
            make(
                _Envelope(
                    event_id=f"{self._name}-{number}",
                    occurred_at=from_epoch_ms(at_ms + offset_ms),
                    customer_id=visitor.customer_id,
                    anonymous_id=visitor.anonymous_id,
                    source=SOURCE,
                )
            )
            for number, (offset_ms, visitor, make) in enumerate(self._steps)
        ]

    def ending(self, at_ms: int) -> list[Event]:
        """The visit's events, the last one shortly before `at_ms`."""
        return self.starting(at_ms - self._length_ms)

    def _then(self, make: Callable[[_Envelope], Event]) -> None:
        self._steps.append((self._length_ms, self._visitor, make))
        self._length_ms += round(self._dice.uniform(4, 80) * SECOND_MS)
