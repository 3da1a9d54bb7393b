"""Counts that fade: what was counted a half-life ago counts half.

Two such counts keep their order as time goes by, so the largest are known without a look at all.
Source: G. Cormode et al., "Forward Decay: A Practical Time Decay Model for Streaming Systems" (2009).
"""

from collections.abc import Iterable, Mapping
from math import exp2, inf, log2
from typing import NamedTuple

LEADERS = 30
"""So many of the largest are known at any time."""


class Amount(NamedTuple):
    """How much there was at a moment (epoch ms)."""

    amount: float = 0.0
    at_ms: int = 0

    def faded(self, now_ms: int, half_life_ms: float) -> float:
        """How much is left; the past of the moment knows no more than the moment."""
        return self.amount * exp2(-max(0, now_ms - self.at_ms) / half_life_ms)

    def plus_one(self, at_ms: int, half_life_ms: float) -> "Amount":
        """With one more; what comes late counts as if it had come in time."""
        latest = max(self.at_ms, at_ms)
        return Amount(self.faded(latest, half_life_ms) + Amount(1.0, at_ms).faded(latest, half_life_ms), latest)


NOTHING = Amount()


class DecayedCounts:
    """How many baskets held each product lately; a half-life of `inf` forgets nothing.

    Attributes:
        half_life_ms: after so long what was counted counts half.
        amounts: by product.
        baskets: of all baskets.
        leaders: the `LEADERS` largest with their level; of equals the lesser name.
    """

    def __init__(self, half_life_ms: float = inf) -> None:
        self.half_life_ms = half_life_ms
        self.amounts: dict[str, Amount] = {}
        self.baskets = NOTHING
        self.leaders: dict[str, float] = {}
        self._least = -inf

    def add(self, skus: tuple[str, ...], at_ms: int) -> None:
        """Count a basket."""
        self.baskets = self.baskets.plus_one(at_ms, self.half_life_ms)
        for sku in skus:
            self.amounts[sku] = self.amounts.get(sku, NOTHING).plus_one(at_ms, self.half_life_ms)
            self._lead(sku)

    def amount(self, sku: str) -> float:
        """How many baskets held it, at the time of the last of them."""
        return self.amounts[sku].amount if sku in self.amounts else 0.0

    def share(self, sku: str, now_ms: int) -> float:
        """Which share of the baskets, and one more, held a product."""
        return self.shares([sku], now_ms)[0]

    def shares(self, skus: Iterable[str], now_ms: int, smoothing: float = 0.0) -> list[float]:
        """Which share of the baskets held each; `smoothing` more of it, and one more basket, are taken to have been."""
        baskets, half_life_ms = self.baskets.faded(now_ms, self.half_life_ms) + 1, self.half_life_ms
        amounts = self.amounts
        return [(amounts.get(sku, NOTHING).faded(now_ms, half_life_ms) + smoothing) / baskets for sku in skus]

    def level(self, sku: str) -> float:
        """What orders the counts at any moment: higher is more."""
        amount, at_ms = self.amounts[sku]
        return log2(amount) + at_ms / self.half_life_ms if amount else -inf

    def largest(self, number: int) -> list[str]:
        """The largest counts, at most `LEADERS`; of equals the lesser name first."""
        return sorted(self.leaders, key=lambda sku: (-self.leaders[sku], sku))[:number]

    def forget(self, sku: str) -> None:
        """As if it had never been counted."""
        self.amounts.pop(sku, None)
        self.leaders.pop(sku, None)

    def only(self, skus: Iterable[str]) -> "DecayedCounts":
        """What is known of some products, all leaders among them; the count of baskets stays."""
        made = DecayedCounts(self.half_life_ms)
        made.amounts = {sku: self.amounts[sku] for sku in skus if sku in self.amounts}
        made.lead_again(self.leaders)
        made.baskets = self.baskets
        return made

    def lead_again(self, leaders: Mapping[str, float]) -> None:
        """These were the largest."""
        self.leaders = dict(leaders)
        self._least = min(leaders.values(), default=-inf)

    def _lead(self, sku: str) -> None:
        level = self.level(sku)
        if sku not in self.leaders and len(self.leaders) >= LEADERS and level < self._least:
            return
        self.leaders[sku] = level
        if len(self.leaders) > LEADERS:
            least = min(self.leaders.values())
            del self.leaders[max(each for each, of_each in self.leaders.items() if of_each == least)]
        self._least = min(self.leaders.values())
