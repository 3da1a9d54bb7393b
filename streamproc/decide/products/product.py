"""The state of one product, as each partition of the customer log keeps it: what it costs, and whether there is any.

What is told counts from its own time on, in any order of arrival: of each series the points are kept in the order of
their times. Of a run of equal points that time has passed only the ends stay, so that what is told again, such as
whole catalogues every night, changes nothing, and what is told late still finds its place.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import orjson

from streamproc.events.catalogue import ProductChanged
from streamproc.events.times import DAY_MS
from streamproc.events.versions import NewerVersionError
from streamproc.value import value

MAX_POINTS = 64
"""So many points of a series are remembered, the newest."""

MAX_WAITING = 64
KEEP_MS = 400 * DAY_MS
"""So long after it was last told of, a product is forgotten."""

Price = tuple[int, str]
"""Micros, and the currency; the empty one is the shop's."""

V = TypeVar("V", Price, bool)
Points = tuple[tuple[int, V], ...]
"""From which moment on (epoch ms) what was true, in the order of the times."""


@value
class Product:
    """What is known of a product.

    Attributes:
        sku: which one.
        prices: what it cost from when on.
        stock: from when on there was any, or none.
        waiting: when it changed (epoch ms), as far as nobody was told of it yet.
        told: the key of the customer who was asked last about the first of these; empty: nobody was.
        heard_ms: when it was last told of, by event time.
    """

    sku: str
    prices: Points[Price] = ()
    stock: Points[bool] = ()
    waiting: tuple[int, ...] = ()
    told: str = ""
    heard_ms: int = 0

    @property
    def next_due_ms(self) -> int:
        """When to look at it again."""
        return min(self.waiting, default=self.heard_ms + KEEP_MS)

    def price_at(self, at_ms: int) -> Price | None:
        """What it cost at a moment; None: nobody knows."""
        return value_at(self.prices, at_ms)

    def was_there_at(self, at_ms: int) -> bool | None:
        """Whether there was any of it at a moment; None: nobody knows."""
        return value_at(self.stock, at_ms)

    def with_change(self, event: ProductChanged, at_ms: int, settled_ms: int | None, currency: str) -> "Product":
        """After an event; the same if it says nothing new. `currency` is the shop's."""
        prices, stock = self.prices, self.stock
        if event.price is not None:
            other = event.currency if event.currency not in (None, currency) else None
            prices = with_point(prices, at_ms, (event.price, other or ""), settled_ms)
        if event.stock is not None:
            stock = with_point(stock, at_ms, event.stock > 0, settled_ms)
        if (prices, stock) == (self.prices, self.stock):
            return self
        return replace(self, prices=prices, stock=stock, heard_ms=max(self.heard_ms, at_ms))

    def to_be_told(self, at_ms: int) -> "Product":
        """With a moment at which something changed that somebody may want to know of."""
        waiting = sorted({*self.waiting, at_ms})
        told = self.told if self.waiting and waiting[0] == self.waiting[0] else ""
        return replace(self, waiting=tuple(waiting[-MAX_WAITING:]), told=told)

    def after_telling(self) -> "Product":
        """All who watch it know of the first change that waited."""
        return replace(self, waiting=self.waiting[1:], told="")


def value_at(points: Sequence[tuple[int, V]], at_ms: int) -> V | None:
    """What was true at a moment."""
    return next((known for since_ms, known in reversed(points) if since_ms <= at_ms), None)


def since(points: Sequence[tuple[int, V]], at_ms: int) -> int | None:
    """Since when what is true at a moment has been; None: nothing is known of it, or it is the first that is known."""
    known = [point for point in points if point[0] <= at_ms]
    for earlier, later in zip(reversed(known[:-1]), reversed(known), strict=False):
        if earlier[1] != later[1]:
            return later[0]
    return None


def with_point(points: Points[V], at_ms: int, known: V, settled_ms: int | None) -> Points[V]:
    """With one more point; of one moment the greater counts."""
    told = dict(points)
    told[at_ms] = max(known, told.get(at_ms, known))
    rows = sorted(told.items())
    if settled_ms is not None:
        rows = [
            row
            for place, row in enumerate(rows)
            if row[0] > settled_ms
            or not 0 < place < len(rows) - 1
            or not rows[place - 1][1] == row[1] == rows[place + 1][1]
        ]
    return tuple(rows[-MAX_POINTS:])


VERSION = 0xB1
"""Apart from those of customers, aliases and the partition's own states."""


def encode_product(product: Product) -> bytes:
    """The canonical bytes: a version byte, then JSON."""
    plain = [product.sku, product.prices, product.stock, product.waiting, product.told, product.heard_ms]
    return bytes([VERSION]) + orjson.dumps(plain)


def decode_product(raw: bytes) -> Product:
    """The state of its bytes.

    Raises:
        NewerVersionError: a newer release wrote it.
    """
    if raw[0] != VERSION:
        raise NewerVersionError("a product", raw[0], VERSION)
    sku, prices, stock, waiting, told, heard_ms = orjson.loads(memoryview(raw)[1:])
    return Product(
        sku,
        tuple((at_ms, (micros, currency)) for at_ms, (micros, currency) in prices),
        tuple((at_ms, is_there) for at_ms, is_there in stock),
        tuple(waiting),
        told,
        heard_ms,
    )
