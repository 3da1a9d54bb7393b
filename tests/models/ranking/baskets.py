"""Baskets for rankers to learn: when, whose, and what."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from streamproc.customer.purchases import History
from streamproc.events.times import DAY_MS
from streamproc.models.ranking.ranker import Ranker, Suggestion


class Basket(NamedTuple):
    day: float
    customer: str
    skus: tuple[str, ...]

    @property
    def at_ms(self) -> int:
        return round(self.day * DAY_MS)


@dataclass
class Taught:
    """A ranker and the histories of its customers."""

    ranker: Ranker = field(default_factory=Ranker)
    histories: dict[str, History] = field(default_factory=lambda: defaultdict(History))

    def suggest(self, customer: str, day: float) -> list[Suggestion]:
        now_ms = round(day * DAY_MS)
        return self.ranker.suggest(self.ranker.rank(self.histories[customer], now_ms), now_ms)

    def learn(self, basket: Basket) -> list[Suggestion]:
        """What was suggested before the basket, which is then learned."""
        history, at_ms = self.histories[basket.customer], basket.at_ms
        ranked = self.ranker.rank(history, at_ms)
        suggested = self.ranker.suggest(ranked, at_ms)
        self.ranker.learn(ranked, history, basket.skus, at_ms)
        self.histories[basket.customer] = history.with_basket(basket.skus, at_ms)
        return suggested


def taught(baskets: Iterable[Basket]) -> Taught:
    found = Taught()
    for basket in baskets:
        found.learn(basket)
    return found


def some_baskets(count: int = 300, customers: int = 15, products: int = 40) -> list[Basket]:
    """Customers who like some products more than others."""
    dice, found = Random(7), []
    for number in range(count):
        customer = dice.randrange(customers)
        likes = [f"p{(customer * 3 + round(abs(dice.gauss(0, 6)))) % products:02}" for _ in range(5)]
        found.append(Basket(number / 3, f"c{customer}", tuple(dict.fromkeys(likes))))
    return found


def _in_order(baskets: Sequence[Basket]) -> list[Basket]:
    return sorted(baskets, key=lambda basket: basket.day)


skus = st.sampled_from([f"p{number}" for number in range(16)])
one = st.builds(
    Basket,
    day=st.floats(0, 400),
    customer=st.sampled_from(["ada", "bob", "eve"]),
    skus=st.lists(skus, min_size=1, max_size=6, unique=True).map(tuple),
)
many = st.lists(one, max_size=25).map(_in_order)
