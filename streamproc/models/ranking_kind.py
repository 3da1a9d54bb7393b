"""Predictions of which products come next: they ask nothing, and are learned from baskets."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from streamproc.events.training import Lesson
from streamproc.models.kind import Prediction
from streamproc.models.ranking.ranker import Ranker
from streamproc.models.scorer import Model


class RankingPrediction(Prediction):
    """Which products will be in a customer's next basket? Learned from baskets, for `decide/offers/for_you.py`."""

    features: tuple[()] = ()

    @abstractmethod
    def teach(self, model: Model, health: Any, lesson: Lesson) -> bool:
        """Judge the model by a basket, and have it learn that."""

    @abstractmethod
    def ranker(self, model: Model) -> Ranker:
        """What ranks with a released model; it must not learn afterwards."""


Rankings = Mapping[str, RankingPrediction]
"""Those of `config/models.toml` by their names."""
