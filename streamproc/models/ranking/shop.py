"""What the baskets of all customers say of products: what sells, what is bought again, what goes together."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from streamproc.customer.purchases import History
from streamproc.events.times import DAY_MS
from streamproc.models.ranking.decayed import NOTHING, Amount, DecayedCounts

FAST_DAYS = 7
SLOW_DAYS = 90
MAX_PRODUCTS = 20_000
"""Of more, the tenth that sells least is forgotten."""
MAX_NEIGHBOURS = 60
"""So many products that go with one are kept; up to twice as many between two clearings."""
MAX_PAIRED = 40
"""So many products of a basket are taken to go together, the first ones."""
_PAIRED_BEFORE = 5
_CHANCES_BEFORE = 5


class Repeats(NamedTuple):
    """How often a product was bought again, of how many baskets of customers who had bought it."""

    again: float = 0.0
    chances: float = 0.0


class Product(NamedTuple):
    """What is known of one product, as `Shop` says; `others`: how many baskets held each other one with it."""

    sku: str
    fast: Amount
    slow: Amount
    ever: Amount
    repeats: Repeats
    others: dict[str, int]


class Shop:
    """What all baskets say.

    Attributes:
        fast, slow, ever: how many baskets held each product: with a half-life of 7 days, of 90, and of all time.
        repeats, all_repeats: how often a product is bought again, and any product.
        together: for each product, how many baskets held each other one with it.
    """

    def __init__(self) -> None:
        self.fast = DecayedCounts(FAST_DAYS * DAY_MS)
        self.slow = DecayedCounts(SLOW_DAYS * DAY_MS)
        self.ever = DecayedCounts(inf)
        self.repeats: dict[str, Repeats] = {}
        self.all_repeats = Repeats(1.0, 10.0)
        self.together: dict[str, dict[str, int]] = {}

    @property
    def counts(self) -> tuple[DecayedCounts, DecayedCounts, DecayedCounts]:
        """How many baskets held each product, by the three half-lives."""
        return self.fast, self.slow, self.ever

    def product(self, sku: str) -> Product | None:
        """What is known of a product; None: it is forgotten, or never was known."""
        if sku not in self.ever.amounts:
            return None
        fast, slow, ever = (counts.amounts.get(sku, NOTHING) for counts in self.counts)
        return Product(sku, fast, slow, ever, self.repeats.get(sku, Repeats()), self.together.get(sku, {}))

    def put_back(self, product: Product) -> None:
        """Know again of a product what was known."""
        for counts, amount in zip(self.counts, product[1:4], strict=True):
            counts.amounts[product.sku] = amount
        if product.repeats.chances:
            self.repeats[product.sku] = product.repeats
        self.together[product.sku] = product.others

    def only(self, products: int, neighbours: int) -> "Shop":
        """What is known of so many products, which sell most, and of the leaders; of each the nearest neighbours."""
        made, by_level = Shop(), sorted(self.slow.amounts, key=lambda sku: (-self.slow.level(sku), sku))
        kept = dict.fromkeys((*by_level[:products], *(sku for counts in self.counts for sku in counts.leaders)))
        made.fast, made.slow, made.ever = (counts.only(kept) for counts in self.counts)
        made.repeats = {sku: self.repeats[sku] for sku in kept if sku in self.repeats}
        made.all_repeats = self.all_repeats
        for sku in kept:
            others = [each for each in self.together.get(sku, {}).items() if each[0] in kept]
            made.together[sku] = dict(sorted(others, key=lambda each: (-each[1], each[0]))[:neighbours])
        return made

    def repeat_propensity(self, sku: str) -> float:
        """How much likelier than any product it is to be bought again; 1 as long as nothing is known."""
        again, chances = self.repeats.get(sku, Repeats())
        usual = self.all_repeats.again / self.all_repeats.chances
        return (again + _CHANCES_BEFORE * usual) / (chances + _CHANCES_BEFORE) / usual

    def bought_with(self, skus: Sequence[str]) -> dict[str, float]:
        """How well each product goes with some: the sum of `share_with` each."""
        found: dict[str, float] = {}
        for sku in skus:
            per_basket = 1 / (self.ever.amount(sku) + _PAIRED_BEFORE)
            for other, held in self.together.get(sku, {}).items():
                found[other] = found.get(other, 0.0) + held * per_basket
        return found

    def share_with(self, sku: str, other: str) -> float:
        """Which share of the baskets with a product held another one; few baskets say little."""
        return self.together.get(sku, {}).get(other, 0) / (self.ever.amount(sku) + _PAIRED_BEFORE)

    def learn(self, history: History, skus: tuple[str, ...], at_ms: int) -> None:
        """A customer's basket; the history is that from before it."""
        self._learn_repeats(history, frozenset(skus))
        for counts in self.counts:
            counts.add(skus, at_ms)
        self._learn_pairs(skus[:MAX_PAIRED])
        if len(self.ever.amounts) > MAX_PRODUCTS:
            self._forget()

    def _learn_repeats(self, history: History, basket: frozenset[str]) -> None:
        again = 0
        for sku in history.products:
            if sku not in self.ever.amounts:
                continue  # the customer remembers it, the shop does not
            known, is_again = self.repeats.get(sku, Repeats()), sku in basket
            self.repeats[sku] = Repeats(known.again + is_again, known.chances + 1)
            again += is_again
        before = self.all_repeats
        self.all_repeats = Repeats(before.again + again, before.chances + len(history.products))

    def _learn_pairs(self, skus: tuple[str, ...]) -> None:
        for sku in skus:
            others = self.together.setdefault(sku, {})
            for other in skus:
                if other != sku:
                    others[other] = others.get(other, 0) + 1
            if len(others) > 2 * MAX_NEIGHBOURS:
                kept = sorted(others.items(), key=lambda each: (-each[1], each[0]))[:MAX_NEIGHBOURS]
                self.together[sku] = dict(kept)

    def _forget(self) -> None:
        """Forget the tenth that sells least, of equals the greater names, wherever they are known."""
        by_level = sorted(self.slow.amounts, key=lambda sku: (-self.slow.level(sku), sku))
        gone = frozenset(by_level[MAX_PRODUCTS - MAX_PRODUCTS // 10 :])
        for sku in by_level[MAX_PRODUCTS - MAX_PRODUCTS // 10 :]:
            for counts in self.counts:
                counts.forget(sku)
            self.together.pop(sku, None)
        self.repeats = {sku: repeats for sku, repeats in self.repeats.items() if sku not in gone}
        self.together = {
            sku: {other: held for other, held in others.items() if other not in gone}
            for sku, others in self.together.items()
        }
