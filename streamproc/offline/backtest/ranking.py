"""Product ranking: how often a basket holds one of ten suggestions. The lines that a model must beat.

Each basket is scored before it is learned. Source of the protocol: docs/semantics.md.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import nsmallest

from streamproc.offline.backtest.orders import Behaviour, Order

TOP = 10


@dataclass(frozen=True, slots=True)
class RankingLine:
    """How good one way to suggest is: share of baskets with a hit among ten, and mean share of the basket found."""

    ranking: str
    baskets: int
    hit: float
    recall: float


@dataclass
class Bought:
    """How many baskets held each product, of everybody and of each customer, in the order of the first time."""

    by_all: Counter[str] = field(default_factory=Counter)
    by_customer: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def learn(self, order: Order) -> None:
        """Count a basket."""
        self.by_all.update(order.skus)
        self.by_customer[order.customer_id].update(order.skus)

    def popular(self) -> list[str]:
        """What most baskets held."""
        return nsmallest(TOP, self.by_all, key=lambda sku: -self.by_all[sku])

    def personal(self, customer_id: str) -> list[str]:
        """What the customer bought most often; of equals what was bought first, then what is popular."""
        own = self.by_customer.get(customer_id, Counter[str]())
        return self._filled(nsmallest(TOP, own, key=lambda sku: -own[sku]))

    def personal_then_popular(self, customer_id: str) -> list[str]:
        """What the customer bought most often; of equals the more popular, then what is popular."""
        own = self.by_customer.get(customer_id, Counter[str]())
        return self._filled(nsmallest(TOP, own, key=lambda sku: (-own[sku], -self.by_all[sku])))

    def _filled(self, mine: list[str]) -> list[str]:
        return [*mine, *(sku for sku in self.popular() if sku not in mine)][:TOP] if len(mine) < TOP else mine


def judge_ranking(behaviour: Behaviour, from_ms: int) -> list[RankingLine]:
    """Judge the baskets from a moment on; those before it are only learned."""
    bought = Bought()
    rankings: dict[str, Callable[[str], list[str]]] = {
        "popular with everybody": lambda _: bought.popular(),
        "bought most often by the customer": bought.personal,
        "the same, ties by popularity": bought.personal_then_popular,
    }
    hits: Counter[str] = Counter()
    found: defaultdict[str, float] = defaultdict(float)
    baskets = 0
    for order in behaviour.orders:
        if order.at_ms >= from_ms:
            baskets += 1
            for name, ranking in rankings.items():
                right = len(set(order.skus).intersection(ranking(order.customer_id)))
                hits[name] += right > 0
                found[name] += right / len(order.skus)
        bought.learn(order)
    return [RankingLine(name, baskets, hits[name] / baskets, found[name] / baskets) for name in rankings if baskets]
