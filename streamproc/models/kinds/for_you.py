"""Predictions of the kind `for_you`: which products will be in a customer's next basket?

Each basket is a lesson, with what its customer had bought before. What is released is a frozen copy, of the products
that sell most; offers that say `rank = "for_you"` suggest by it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from streamproc.customer.purchases import Purchases
from streamproc.events.training import Basket, Lesson
from streamproc.models.ranking.ranker import Ranker
from streamproc.models.ranking.ranking_metrics import RankingMetrics
from streamproc.models.ranking.ranking_model import RankingModel
from streamproc.models.ranking.require import require_ranker
from streamproc.models.ranking.shop import Product
from streamproc.models.ranking_kind import RankingPrediction
from streamproc.models.scorer import Model

MAX_PRODUCTS, MAX_NEIGHBOURS = 2_000, 20
"""So large a release has about a megabyte; the log's records may have four."""


class ForYou(RankingPrediction):
    """The ranking, and how much of it is released: of `products`, which sell most, and the `neighbours` of each."""

    kind: Literal["for_you"] = "for_you"

    release_every: Annotated[int, Field(ge=1, le=10_000_000)] = 200
    products: Annotated[int, Field(ge=10, le=MAX_PRODUCTS)] = 1_000
    neighbours: Annotated[int, Field(ge=1, le=MAX_NEIGHBOURS)] = 10

    def new_model(self) -> RankingModel:
        """Nothing was bought yet."""
        return RankingModel()

    def teach(self, model: Model, health: Any, lesson: Lesson) -> bool:
        """Judge what would have been suggested before a basket, then learn it."""
        if not isinstance(lesson, Basket) or not lesson.skus:
            return False
        best, ranked = model.learn(Purchases(lesson.before).history, lesson.skus, lesson.at_ms)
        health.observe(best, ranked.simple, lesson.skus)
        return True

    def resumed(self, model: Model) -> RankingModel:
        """Whatever is released of it is no part of what it learned."""
        return model if isinstance(model, RankingModel) else self.new_model()

    def released(self, model: Model) -> Ranker:
        """A frozen copy of what sells most."""
        ranker: Ranker = model.ranker
        return ranker.frozen(self.products, self.neighbours)

    def require(self, model: Model) -> Ranker:
        """A ranker with finite numbers."""
        return require_ranker(model)

    def ranker(self, model: Model) -> Ranker:
        """The ranker itself."""
        return self.require(model)

    def take_changed(self, model: Model) -> Any:
        """The products that have changed."""
        return model.take_changed()

    def put_back(self, model: Model, part: Product) -> None:
        """Know again what was known of a product."""
        model.put_back(part)

    def new_metrics(self) -> RankingMetrics:
        """Hits and recall beside the simple way's."""
        return RankingMetrics()

    def parameters(self, model: Model) -> dict[str, float | int | str]:
        """How much is released, and what counts how much."""
        return {"products": self.products, "neighbours": self.neighbours, **model.ranker.weights.by_name}
