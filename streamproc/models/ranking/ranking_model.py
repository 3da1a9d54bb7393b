"""A ranker that learns, and what has changed in it: it is too large to be kept as one state."""

from collections.abc import Iterator

from streamproc.customer.purchases import History
from streamproc.models.ranking import shop as shops
from streamproc.models.ranking.candidates import Candidate
from streamproc.models.ranking.ranker import Ranked, Ranker
from streamproc.models.ranking.shop import Product


class RankingModel:
    """What ranks products and learns; changes with each basket.

    Attributes:
        ranker: what it knows.
        changed: the products of which it has learned something since `take_changed`.
    """

    def __init__(self, ranker: Ranker | None = None) -> None:
        self.ranker = ranker or Ranker()
        self.changed: set[str] = set()

    def learn(self, history: History, skus: tuple[str, ...], at_ms: int) -> tuple[list[Candidate], Ranked]:
        """Learn a basket; gives what would have been suggested right before it, and all that could have been."""
        ranker, known = self.ranker, self.ranker.shop.ever.amounts
        ranked = ranker.rank(history, at_ms)
        best = ranker.best(ranked)
        self.changed.update(skus, history.products)
        if len(known) + len(skus) > shops.MAX_PRODUCTS:  # many may be forgotten, each by all others
            self.changed.update(known)
        ranker.learn(ranked, history, skus, at_ms)
        return best, ranked

    def take_changed(self) -> Iterator[tuple[str, Product | None]]:
        """Each product that has changed, with what is known of it now; None: it is forgotten."""
        changed, self.changed = sorted(self.changed), set()
        for sku in changed:
            yield sku, self.ranker.shop.product(sku)

    def put_back(self, product: Product) -> None:
        """Know again what was known of a product."""
        self.ranker.shop.put_back(product)
