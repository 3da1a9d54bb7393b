"""How often offers were made of which there are only so many: each partition of the log has a share, and counts alone.

Shares are of whole offers: with fewer than partitions some have none. So no partition asks another one, and a replay of
the log finds each spent at the same place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from streamproc.decide.offer_rule import OfferRule


class Spent(NamedTuple):
    """How often an offer was made: ever, and on the newest day (days since 1970 in the shop's time zone)."""

    ever: int = 0
    day: int = 0
    of_day: int = 0

    def once_more(self, day: int) -> "Spent":
        """One more; what is told late counts for the newest day."""
        return Spent(self.ever + 1, max(day, self.day), self.of_day + 1 if day <= self.day else 1)


UNSPENT = Spent()


@dataclass(frozen=True, slots=True)
class Budgets:
    """What one partition may still offer.

    Attributes:
        partition, partitions: which of how many it is.
        spent: by offer, of those with a budget.
    """

    partition: int = 0
    partitions: int = 1
    spent: Mapping[str, Spent] = field(default_factory=dict)

    def allow(self, offer: OfferRule, day: int) -> bool:
        """Whether an offer may be made once more on a day."""
        if not offer.is_limited:
            return True
        known = self.spent.get(offer.id, UNSPENT)
        of_day = known.of_day if day <= known.day else 0
        return self._has(offer.budget, known.ever) and self._has(offer.daily_budget, of_day)

    def after(self, offer: OfferRule, day: int) -> Self:
        """After an offer was made; the same if it has no budget."""
        if not offer.is_limited:
            return self
        known = self.spent.get(offer.id, UNSPENT)
        return replace(self, spent={**self.spent, offer.id: known.once_more(day)})

    def _has(self, budget: int | None, spent: int) -> bool:
        return budget is None or spent < share(budget, self.partition, self.partitions)


def share(budget: int, partition: int, partitions: int) -> int:
    """A partition's part of a budget; all together are the budget.

    >>> [share(10, partition, 4) for partition in range(4)]
    [3, 3, 2, 2]
    """
    return budget // partitions + (partition < budget % partitions)


UNLIMITED = Budgets()
"""Of whoever asks outside of a partition: nothing was spent."""
