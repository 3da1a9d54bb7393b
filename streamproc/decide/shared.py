"""What the customers of a partition share, and a step may ask for: the budgets of offers, and the products."""

from collections.abc import Callable
from dataclasses import dataclass

from streamproc.decide.offers.budgets import UNLIMITED, Budgets
from streamproc.decide.products.product import Product

FindProduct = Callable[[str], Product | None]
"""What is known of a product, by its sku."""


def _unknown(_sku: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Shared:
    """What a step may ask for besides its customer.

    Attributes:
        budgets: how often offers may still be made.
        product: what is known of a product.
    """

    budgets: Budgets = UNLIMITED
    product: FindProduct = _unknown


ALONE = Shared()
"""No offer has a budget, and nothing is known of products."""
