"""Triggers of the kind `price_drop`: a product costs less than when the customer saw it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from streamproc.decide.moment import Values
from streamproc.decide.products.product import Price, Product, since, value_at
from streamproc.decide.triggers.product import Last, ProductTrigger
from streamproc.events.money import MAX_MICROS


class PriceDropTrigger(ProductTrigger):
    """Fires if a product that was seen, or lies in the cart, gets cheaper by `percent`, or by `amount` (micros).

    What the customer saw counts: the price in the event, else the product's at that time. With both, both must be
    reached. The first price that is known of a product is none that fell; what a message named counts as seen.
    """

    kind: Literal["price_drop"]
    percent: Annotated[float, Field(gt=0, le=100)] | None = None
    amount: Annotated[int, Field(gt=0, le=MAX_MICROS)] | None = None

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if self.percent is None and self.amount is None:
            raise ValueError("say by how much: `percent`, or `amount` in micros")
        return self

    def begun(self, product: Product, at_ms: int) -> int | None:
        """When the price fell to what it is."""
        begun_ms = since(product.prices, at_ms)
        if begun_ms is None:
            return None
        before, now = value_at(product.prices, begun_ms - 1), value_at(product.prices, begun_ms)
        fell = before is not None and now is not None and before[1] == now[1] and now[0] < before[0]
        return begun_ms if fell else None

    def compared(self, product: Product, last: Last, at_ms: int) -> Values | None:
        """How much cheaper it is."""
        now, seen = product.price_at(at_ms), self._seen(product, last, at_ms)
        if now is None or seen is None or seen[1] != now[1] or not self._is_enough(seen[0], seen[0] - now[0]):
            return None
        return {
            "sku": product.sku,
            "old_price": seen[0],
            "new_price": now[0],
            "drop": seen[0] - now[0],
            "drop_percent": round(100 * (seen[0] - now[0]) / seen[0], 2),
            **({"currency": now[1]} if now[1] else {}),
        }

    def _seen(self, product: Product, last: Last, at_ms: int) -> Price | None:
        """The price that the customer knows; one in another currency than the product's now says nothing."""
        now, sighting = product.price_at(at_ms), last.sighting
        if sighting is not None and sighting.price is not None and now is not None and sighting.currency == now[1]:
            return sighting.price, sighting.currency
        return product.price_at(last.at_ms)

    def _is_enough(self, seen: int, drop: int) -> bool:
        if drop <= 0:
            return False
        is_percent = self.percent is None or drop * 100 >= self.percent * seen
        return is_percent and (self.amount is None or drop >= self.amount)
