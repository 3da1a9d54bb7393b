"""What one customer bought: as much of it as suggestions need, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

MAX_PRODUCTS = 100
"""Of more, those bought the fewest times are forgotten; of equals those bought longest ago, then greater names."""
RECENT = 25
"""So many products, bought last, say what could go with them."""
PATTERN = 8
"""In which of so many of the last baskets a product was is known."""


class Bought(NamedTuple):
    """What is known of one product that a customer bought.

    Attributes:
        times: how many baskets held it.
        first_ms, last_ms: the times of the first and the last of them (epoch ms).
        basket: the number of the last of them among the customer's baskets, from 1.
        pattern: which of the `PATTERN` baskets up to that one held it; bit 0 is that one.
    """

    times: int
    first_ms: int
    last_ms: int
    basket: int
    pattern: int


@dataclass(slots=True)
class History:
    """A customer's baskets.

    Attributes:
        baskets: how many.
        first_ms, last_ms: the times of the first and the last (epoch ms).
        lines, new_lines: products in all baskets but the first, and those of them that had not been bought before.
        products: what was bought, the newest last.
    """

    baskets: int = 0
    first_ms: int = 0
    last_ms: int = 0
    lines: int = 0
    new_lines: int = 0
    products: dict[str, Bought] = field(default_factory=dict)

    @property
    def recent(self) -> list[str]:
        """The `RECENT` products that were bought last, the newest first."""
        return list(islice(reversed(self.products), RECENT))

    @property
    def novelty(self) -> float:
        """Which share of what the customer buys is new; half as long as nothing is known."""
        return (self.new_lines + 1) / (self.lines + 2)

    def pattern(self, bought: Bought) -> int:
        """Which of the last `PATTERN` baskets held a product; bit 0 is the newest."""
        behind = min(PATTERN, self.baskets - bought.basket)
        return bought.pattern << behind & (1 << PATTERN) - 1

    def add(self, skus: Sequence[str], at_ms: int) -> None:
        """A basket of different products; one that comes late counts as bought now."""
        if self.baskets:
            self.lines += len(skus)
            self.new_lines += sum(sku not in self.products for sku in skus)
        else:
            self.first_ms = self.last_ms = at_ms
        self.baskets += 1
        self.last_ms = max(self.last_ms, at_ms)
        for sku in skus:
            known = self.products.pop(sku, None)
            self.products[sku] = self._again(known) if known else Bought(1, self.last_ms, self.last_ms, self.baskets, 1)
        if len(self.products) > MAX_PRODUCTS:
            self._forget()

    def _again(self, known: Bought) -> Bought:
        return Bought(known.times + 1, known.first_ms, self.last_ms, self.baskets, self.pattern(known) | 1)

    def _forget(self) -> None:
        kept = sorted(self.products.items(), key=lambda each: (-each[1].times, -each[1].last_ms, each[0]))
        names = {sku for sku, _ in kept[:MAX_PRODUCTS]}
        self.products = {sku: bought for sku, bought in self.products.items() if sku in names}
