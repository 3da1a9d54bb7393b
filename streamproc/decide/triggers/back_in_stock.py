"""Triggers of the kind `back_in_stock`: a product that the customer saw when there was none of it is there again."""

from typing import Literal

from streamproc.decide.moment import Values
from streamproc.decide.products.product import Product, since
from streamproc.decide.triggers.product import Last, ProductTrigger


class BackInStockTrigger(ProductTrigger):
    """Fires if there is some again of a product of which there was none when the customer saw it last.

    The first stock that is known of a product is none that came back. Who was told need not be told again before the
    next visit.
    """

    kind: Literal["back_in_stock"]

    def begun(self, product: Product, at_ms: int) -> int | None:
        """When it came back."""
        return since(product.stock, at_ms) if product.was_there_at(at_ms) else None

    def compared(self, product: Product, last: Last, at_ms: int) -> Values | None:
        """What it costs now, if that is known."""
        if last.sighting is None or product.was_there_at(last.at_ms) is not False:
            return None
        price = product.price_at(at_ms)
        return {"sku": product.sku} | ({} if price is None else {"price": price[0]})
