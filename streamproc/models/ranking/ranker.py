"""Up to ten products for a customer, each with its reason; learned from every basket after it was suggested to."""

from collections.abc import Collection
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Literal, NamedTuple

from streamproc.customer.purchases import History
from streamproc.models.ranking.candidates import Candidate, candidates_for
from streamproc.models.ranking.decayed import LEADERS
from streamproc.models.ranking.proven import Proven
from streamproc.models.ranking.shop import Shop
from streamproc.models.ranking.weights import Weights, usual_inputs

TOP = 10
DIGITS = 9
"""Scores that are equal to so many digits are ties, so that the last bit of a logarithm decides nothing."""

Reason = Literal["bought_before", "bought_with", "trending", "popular"]


class Suggestion(NamedTuple):
    """A product, and why.

    Attributes:
        because_of: the product bought lately that it goes with, of `bought_with` only.
        moved_by: the input that lifts its score most above its like, else above nothing.
    """

    sku: str
    reason: Reason
    because_of: str | None = None
    moved_by: str = ""


class Ranked(NamedTuple):
    """What there is to suggest at one moment.

    Attributes:
        candidates, scores: what could be suggested, and how likely it is bought: higher is likelier.
        learned, simple: the ten best by their scores; what was bought most often, and then what sells.
        recent: what the customer bought last, the newest first.
    """

    candidates: list[Candidate]
    scores: list[float]
    learned: list[Candidate]
    simple: list[Candidate]
    recent: list[str]


@dataclass
class Ranker:
    """What all baskets have taught; one customer's history comes with each question.

    Attributes:
        shop: what is known of products.
        weights: how much each input counts.
        known, newcomers: whether learned suggestions have been worth more, to who bought before and who did not.
    """

    shop: Shop = field(default_factory=Shop)
    weights: Weights = field(default_factory=Weights)
    known: Proven = field(default_factory=Proven)
    newcomers: Proven = field(default_factory=Proven)

    def rank(self, history: History, now_ms: int, without: Collection[str] = ()) -> Ranked:
        """All that could be suggested to a customer now, but for some products."""
        candidates = [each for each in candidates_for(history, self.shop, now_ms) if each.sku not in without]
        scores = [self.weights.score(candidate) for candidate in candidates]
        by_score = [(-round(score, DIGITS), each.sku, each) for score, each in zip(scores, candidates, strict=True)]
        learned = [candidate for _, _, candidate in nsmallest(TOP, by_score)]
        return Ranked(candidates, scores, learned, self._simple(history, candidates), history.recent)

    def suggest(self, ranked: Ranked, now_ms: int, number: int = TOP) -> list[Suggestion]:
        """Up to so many different products, ten at most, the best first."""
        return [
            self._suggestion(candidate, ranked.recent, now_ms)._replace(moved_by=self.weights.mover(candidate, usual))
            for usual in [usual_inputs(ranked.candidates)]
            for candidate in self.best(ranked)[:number]
        ]

    def best(self, ranked: Ranked) -> list[Candidate]:
        """The candidates to suggest: learned ones, if such have been worth more so far."""
        return ranked.learned if self._proven(ranked).learned else ranked.simple

    def frozen(self, products: int, neighbours: int) -> "Ranker":
        """A copy that is not to learn: of so many products with so many neighbours each, and of the leaders."""
        shop, weights = self.shop.only(products, neighbours), Weights()
        weights.weights = {group: list(values) for group, values in self.weights.weights.items()}
        return Ranker(shop, weights, Proven(self.known.ahead), Proven(self.newcomers.ahead))

    def learn(self, ranked: Ranked, history: History, skus: tuple[str, ...], at_ms: int) -> None:
        """A basket of different products.

        `ranked` and `history` are those from before it; the caller tells the history of it afterwards.
        """
        if not skus:
            return
        bought = frozenset(skus)
        self._proven(ranked).learn(ranked.learned, ranked.simple, bought)
        self.weights.learn(ranked.candidates, ranked.scores, bought)
        self.shop.learn(history, skus, at_ms)

    def _proven(self, ranked: Ranked) -> Proven:
        return self.known if ranked.recent else self.newcomers

    def _simple(self, history: History, candidates: list[Candidate]) -> list[Candidate]:
        """What was bought most often; of equals what more baskets held, then the lesser name; then what is popular."""
        own, ever = history.products, self.shop.ever
        found = {candidate.sku: candidate for candidate in candidates}
        mine = nsmallest(TOP, found.keys() & own.keys(), key=lambda sku: (-own[sku].times, -ever.amount(sku), sku))
        return [found[sku] for sku in dict.fromkeys((*mine, *ever.largest(LEADERS))) if sku in found][:TOP]

    def _suggestion(self, candidate: Candidate, recent: list[str], now_ms: int) -> Suggestion:
        """A product with its reason: it goes with one bought lately if it is likelier beside it than by itself."""
        sku, shop = candidate.sku, self.shop
        if candidate.group == "own":
            return Suggestion(sku, "bought_before")
        along = {each: shop.share_with(each, sku) for each in recent}
        best = max(along, key=lambda each: along[each], default=None)
        if best is not None and along[best] > shop.ever.share(sku, now_ms):
            return Suggestion(sku, "bought_with", best)
        is_trending = shop.fast.share(sku, now_ms) > shop.slow.share(sku, now_ms)
        return Suggestion(sku, "trending" if is_trending else "popular")
