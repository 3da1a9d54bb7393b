"""What is released of learned clusters, and what is let through of both when they are read."""

from collections.abc import Iterable, Sequence
from math import isfinite

from streamproc.customer.shop_clusters import ShopClusters, standardised
from streamproc.models.clusters.model import MOST_SMALL, ClustersModel
from streamproc.models.clusters.words import described
from streamproc.models.snapshot_error import SnapshotError

MOST_CLUSTERS = 12


class ReleasedClusters:
    """The clusters as they were put together last.

    Attributes:
        features: what is compared.
        means, spreads: of the squeezed features, over all customers.
        numbers, shares: of the clusters, the largest first; which part of the customers each has.
        centres: standardised.
        words: what makes each different, the strongest first.
    """

    def __init__(self, model: ClustersModel) -> None:
        self.features = list(model.features)
        self.means = model.means
        self.spreads = model.spreads
        self.numbers = list(model.numbers)
        self.shares = list(model.shares)
        self.centres = [standardised(each, self.means, self.spreads) for each in model.centres]
        self.words = [described(self.features, each, self.means, self.spreads) for each in model.centres]

    @property
    def names(self) -> list[str]:
        """What the clusters are called."""
        return [f"c{number}" for number in self.numbers]

    def of_version(self, version: str) -> ShopClusters:
        """What customers are put beside."""
        centres = {name: tuple(centre) for name, centre in zip(self.names, self.centres, strict=True)}
        return ShopClusters(version, tuple(self.features), tuple(self.means), tuple(self.spreads), centres)


def require_clusters(model: object) -> ClustersModel | ReleasedClusters:
    """The model, if it is one of these, with as many finite numbers as there must be.

    Raises:
        SnapshotError: it is not.
    """
    match model:
        case ClustersModel():
            _require_sizes(model, [model.sums, model.squares, *model.centres])
            _require_finite([model.weight, model.width])
            if len(model.small) > MOST_SMALL or not all(_is_small(row, len(model.features)) for row in model.small):
                raise SnapshotError("it has small clusters that there cannot be")
            if any(number >= model.following for number in model.numbers):
                raise SnapshotError("it has numbers that were not given yet")
            return model
        case ReleasedClusters():
            _require_sizes(model, [model.means, model.spreads, *model.centres])
            if not model.numbers or len(model.words) != len(model.numbers):
                raise SnapshotError("it has no clusters, or not what each is like")
            return model
        case _:
            raise SnapshotError(f"the model is of clusters, this is a {type(model).__name__}")


def _require_sizes(model: ClustersModel | ReleasedClusters, rows: Sequence[Sequence[float]]) -> None:
    clusters = len(model.numbers)
    if not (clusters == len(set(model.numbers)) == len(model.shares) == len(model.centres) <= MOST_CLUSTERS):
        raise SnapshotError(f"it has not up to {MOST_CLUSTERS} clusters with a number of its own, a share and a centre")
    if not model.features or len(set(model.features)) != len(model.features):
        raise SnapshotError("it compares nothing, or a feature twice")
    if any(len(row) != len(model.features) for row in rows):
        raise SnapshotError("it has not a number for each feature")
    for row in (*rows, model.shares):
        _require_finite(row)


def _is_small(row: Sequence[float], features: int) -> bool:
    return len(row) == 1 + features and row[0] > 0 and all(map(isfinite, row))


def _require_finite(numbers: Iterable[float]) -> None:
    if not all(map(isfinite, numbers)):
        raise SnapshotError("it has numbers that are not finite: what it says would mean nothing")
