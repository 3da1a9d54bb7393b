"""Up to ten products for a customer, each with its reason; learned from every basket after it was suggested to."""

from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Literal, NamedTuple

from streamproc.models.ranking.candidates import Candidate, candidates_for
from streamproc.models.ranking.history import History
from streamproc.models.ranking.proven import Proven
from streamproc.models.ranking.shop import Shop
from streamproc.models.ranking.weights import Weights

TOP = 10
DIGITS = 9
"""Scores that are equal to so many digits are ties, so that the last bit of a logarithm decides nothing."""

Reason = Literal["bought_before", "bought_with", "trending", "popular"]


class Suggestion(NamedTuple):
    """A product, and why: `because_of` is the product bought lately that it goes with, of `bought_with` only."""

    sku: str
    reason: Reason
    because_of: str | None = None


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

    def rank(self, history: History, now_ms: int) -> Ranked:
        """All that could be suggested to a customer now."""
        candidates = candidates_for(history, self.shop, now_ms)
        scores = [self.weights.score(candidate) for candidate in candidates]
        by_score = [(-round(score, DIGITS), each.sku, each) for score, each in zip(scores, candidates, strict=True)]
        learned = [candidate for _, _, candidate in nsmallest(TOP, by_score)]
        return Ranked(candidates, scores, learned, self._simple(history, candidates), history.recent)

    def suggest(self, ranked: Ranked, now_ms: int) -> list[Suggestion]:
        """Up to ten different products, the best first: learned ones, if such have been worth more so far."""
        best = ranked.learned if self._proven(ranked).learned else ranked.simple
        return [self._suggestion(candidate, ranked.recent, now_ms) for candidate in best]

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
        mine = nsmallest(TOP, own, key=lambda sku: (-own[sku].times, -ever.amount(sku), sku))
        found = {candidate.sku: candidate for candidate in candidates}
        return [found[sku] for sku in dict.fromkeys((*mine, *ever.largest(TOP)))][:TOP]

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
