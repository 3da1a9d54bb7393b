"""Predictions that ask nothing: what the customers of the shop are like as a whole."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from streamproc.customer.rfm import YEAR_DAYS
from streamproc.customer.shop_clusters import ShopClusters
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.state import Customer
from streamproc.events.times import DAY_MS
from streamproc.models.kind import Prediction
from streamproc.models.scorer import Model


class SampledPrediction(Prediction):
    """What are the shop's customers like? Nobody is asked: each is looked at again and again, by time alone.

    `sample_every_days`: so often, each on a day of their own, so that at any time those who are looked at are like all.
    """

    sample_every_days: Annotated[int, Field(ge=1, le=365)] = 28

    def sample_due(self, own: int, now_ms: int) -> int:
        """When a customer is looked at next (epoch ms), by a large number of their own."""
        period = self.sample_every_days * DAY_MS
        return now_ms + period - (now_ms - own) % period

    def is_sampled(self, customer: Customer, now_ms: int) -> bool:
        """Whether a customer is one of those that are counted: who has ordered within a year."""
        last = customer.last_order_ms
        return last is not None and 0 <= now_ms - last <= YEAR_DAYS * DAY_MS

    @abstractmethod
    def label(self, features: Mapping[str, float]) -> float:
        """Which of the numbers the metrics are about."""


class FiguresPrediction(SampledPrediction):
    """In which fifths are they, and how often do they order?"""

    @abstractmethod
    def figures(self, model: Model, version: str) -> ShopFigures:
        """What a released version says."""


class ClusteringPrediction(SampledPrediction):
    """Into which clusters do they fall?"""

    @abstractmethod
    def clusters_of(self, model: Model, version: str) -> ShopClusters:
        """What a released version says."""


SampledPredictions = Mapping[str, SampledPrediction]
"""Those that customers are sampled for, by name."""
