"""Clusters of customers: the model in `clusters_model.py`, what is released of it, and how good that was."""

from collections.abc import Mapping

from streamproc.models.as_data.kinds import Kind, declare
from streamproc.models.as_data.shapes import Listed, Name, Real, Shape, Whole
from streamproc.models.clusters.model import ClustersModel
from streamproc.models.clusters.released import ReleasedClusters
from streamproc.models.health.cluster_metrics import ClusterMetrics

_RELEASED: Mapping[str, Shape] = {
    "features": Listed(Name()),
    "numbers": Listed(Whole(at_least=1)),
    "centres": Listed(Listed(Real())),
    "shares": Listed(Real(at_least=0)),
}

declare(
    Kind(
        ClustersModel,
        {
            **_RELEASED,
            "week": Whole(),
            "weight": Real(at_least=0),
            "sums": Listed(Real()),
            "squares": Listed(Real(at_least=0)),
            "small": Listed(Listed(Real())),
            "width": Real(at_least=0),
            "following": Whole(at_least=1),
        },
    ),
    Kind(
        ReleasedClusters,
        {
            **_RELEASED,
            "means": Listed(Real()),
            "spreads": Listed(Real(at_least=0)),
            "words": Listed(Listed(Name())),
        },
    ),
    Kind(
        ClusterMetrics,
        {"examples": Whole(), "judged": Whole(), "within": Real(at_least=0), "total": Real(at_least=0)},
    ),
)
