"""Predictions of the kind `clusters`: into which clusters do the customers fall, and what are those like?

Nobody is asked anything. Everybody who has ordered within a year is looked at every `sample_every_days`; the clusters
that come of it are released in versions, by which the feature `cluster` names a customer's from then on.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from streamproc.customer.shop_clusters import ShopClusters
from streamproc.events.training import Example, Lesson
from streamproc.models.clusters.model import ClustersModel
from streamproc.models.clusters.released import MOST_CLUSTERS, ReleasedClusters, require_clusters
from streamproc.models.figures_kind import ClusteringPrediction
from streamproc.models.health.cluster_metrics import ClusterMetrics
from streamproc.models.scorer import Model
from streamproc.models.snapshot_error import SnapshotError
from streamproc.models.vectors import is_category

DEFAULT_FEATURES = ("days_since_last_order", "orders_365d", "net_revenue_365d", "views_28d", "opens_28d")
ALIKE = "like all customers"


class ClustersPrediction(ClusteringPrediction):
    """The customers' clusters; `half_life_days`: samples that are so old count half."""

    kind: Literal["clusters"] = "clusters"

    features: Annotated[tuple[str, ...], Field(min_length=1, max_length=16)] = DEFAULT_FEATURES
    clusters: Annotated[int, Field(ge=2, le=MOST_CLUSTERS)] = 6
    half_life_days: Annotated[int, Field(ge=7, le=3650)] = 182

    @model_validator(mode="before")
    @classmethod
    def _waits_for_no_answer(cls, said: object) -> object:
        if isinstance(said, dict) and "lateness_hours" in said:
            raise ValueError("clusters look at customers and ask nothing: leave lateness_hours out")
        return said

    @field_validator("features")
    @classmethod
    def _numbers_each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) != len(names):
            raise ValueError("a feature is named twice")
        if categories := [name for name in names if is_category(name)]:
            raise ValueError(f"customers are compared by numbers: leave out {', '.join(categories)}")
        return names

    @property
    def definition(self) -> str:
        """What is compared: by other features they are other clusters."""
        return "\n".join(self.features)

    def label(self, features: Mapping[str, float]) -> float:  # noqa: ARG002  other kinds have one
        """None of them."""
        return 0.0

    def new_model(self) -> ClustersModel:
        """Nobody has been looked at."""
        return ClustersModel(self.features)

    def teach(self, model: Model, health: Any, lesson: Lesson) -> bool:
        """See how far a sample is from the centres that there are, and count it."""
        if not isinstance(lesson, Example) or not set(self.features) <= lesson.features.keys():
            return False
        values = [lesson.features[name] for name in self.features]
        health.observe(model.distances(values))
        model.learn(values, lesson.asked_ms, self.half_life_days / 7)
        return True

    def require(self, model: Model) -> Model:
        """Of clusters, with finite numbers; one that learns by these features."""
        found = require_clusters(model)
        if isinstance(found, ClustersModel) and tuple(found.features) != self.features:
            raise SnapshotError(f"it has learned by {', '.join(found.features)}, not {', '.join(self.features)}")
        return found

    def released(self, model: Model) -> ReleasedClusters:
        """The clusters of now, which the model goes on from."""
        model.regroup(self.clusters)
        return ReleasedClusters(model)

    def clusters_of(self, model: Model, version: str) -> ShopClusters:
        """What is released."""
        if not isinstance(model, ReleasedClusters):
            raise SnapshotError("it is what learns, and not what is released of it")
        return model.of_version(version)

    def new_metrics(self) -> ClusterMetrics:
        """How near customers are to the centre of their cluster."""
        return ClusterMetrics()

    def parameters(self, model: Model) -> dict[str, float | int | str]:
        """Which share of the customers is in each cluster, and what these are like."""
        found = ReleasedClusters(model)
        said = {
            name: f"{share:.1%}: {', '.join(words) or ALIKE}"
            for name, share, words in zip(found.names, found.shares, found.words, strict=True)
        }
        return {**said, "half_life_days": self.half_life_days}
