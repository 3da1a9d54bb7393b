"""How good suggestions were: of each basket, before it was learned, as the model in training would have made them."""

from collections.abc import Sequence

from streamproc.models.ranking.candidates import Candidate


class RankingMetrics:
    """How often ten suggestions hold a product of the basket, and which share of it; changes with each basket.

    Attributes:
        examples: how many baskets there were.
        hits, recall: of what would have been suggested, sums.
        simple_hits, simple_recall: of what was bought most often, and then what sells.
    """

    def __init__(self) -> None:
        self.examples = 0
        self.hits = 0
        self.recall = 0.0
        self.simple_hits = 0
        self.simple_recall = 0.0

    def observe(self, suggested: Sequence[Candidate], simple: Sequence[Candidate], skus: Sequence[str]) -> None:
        """Count a basket, and judge what was suggested before it."""
        bought = set(skus)
        right, simply_right = (sum(each.sku in bought for each in ten) for ten in (suggested, simple))
        self.examples += 1
        self.hits += right > 0
        self.recall += right / len(bought)
        self.simple_hits += simply_right > 0
        self.simple_recall += simply_right / len(bought)

    def values(self) -> dict[str, float]:
        """Metric name to value."""
        if not self.examples:
            return {}
        sums = {
            "hit_at_10": self.hits,
            "recall_at_10": self.recall,
            "simple_hit_at_10": self.simple_hits,
            "simple_recall_at_10": self.simple_recall,
        }
        return {name: round(total / self.examples, 6) for name, total in sums.items()}
