"""The released versions that decide scores with: frozen until the log says that another one counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from streamproc.customer.shop_clusters import ShopClusters
from streamproc.customer.shop_figures import ShopFigures
from streamproc.events.log import ModelReleased
from streamproc.models.figures_kind import ClusteringPrediction, FiguresPrediction
from streamproc.models.kind import AskedPrediction, Predictions, RewardPrediction
from streamproc.models.ranking.ranker import Ranker
from streamproc.models.ranking_kind import RankingPrediction
from streamproc.models.releases.seal import Seal
from streamproc.models.releases.snapshots import unpack, verify
from streamproc.models.scorer import RewardScorer, Scorer
from streamproc.models.snapshot_error import SnapshotError
from streamproc.value import value


@value
class Scored:
    """What a version said: a probability or a number, between what that lies, and the features that moved it most."""

    value: float
    model_version: str
    reasons: tuple[str, ...]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ModelBank:
    """The released models of these predictions, by name. A bank never changes: a release makes a new one.

    `figures` are what the shop's customers are like, `clusters` into which they fall, as far as a version of that has
    been released.
    """

    signing_key: bytes = field(repr=False)
    predictions: Predictions
    releases: Mapping[str, ModelReleased] = field(default_factory=dict)
    scorers: Mapping[str, Scorer] = field(default_factory=dict, repr=False)
    reward_scorers: Mapping[str, RewardScorer] = field(default_factory=dict, repr=False)
    rankers: Mapping[str, Ranker] = field(default_factory=dict, repr=False)
    figures: ShopFigures | None = None
    clusters: ShopClusters | None = None

    @cached_property
    def pseudonyms(self) -> Seal:
        """Makes the names under which customers stand in what is learned from."""
        return Seal.of(self.signing_key, b"training subjects")

    def with_release(self, release: ModelReleased) -> "ModelBank":
        """The bank in which this release counts.

        Raises:
            SnapshotError: the release is not ours, damaged, or of a prediction that nobody asks for.
        """
        verify(release, self.signing_key)
        prediction = self.predictions.get(release.model)
        if prediction is None:
            raise SnapshotError(f"there is no prediction {release.model!r} in config/models.toml")
        model = unpack(release.snapshot, prediction)
        bank = replace(self, releases={**self.releases, release.model: release})
        match prediction:
            case AskedPrediction():
                return replace(bank, scorers={**self.scorers, release.model: prediction.scorer(model)})
            case RewardPrediction():
                return replace(bank, reward_scorers={**self.reward_scorers, release.model: prediction.scorer(model)})
            case RankingPrediction():
                return replace(bank, rankers={**self.rankers, release.model: prediction.ranker(model)})
            case FiguresPrediction():
                return replace(bank, figures=prediction.figures(model, release.version))
            case ClusteringPrediction():
                return replace(bank, clusters=prediction.clusters_of(model, release.version))
        raise SnapshotError(f"the prediction {release.model!r} is of a kind that decide does not use")

    def without(self, model: str) -> "ModelBank":
        """The bank in which no version of a model counts."""
        prediction = self.predictions.get(model)
        return replace(
            self,
            releases={name: release for name, release in self.releases.items() if name != model},
            scorers={name: scorer for name, scorer in self.scorers.items() if name != model},
            reward_scorers={name: scorer for name, scorer in self.reward_scorers.items() if name != model},
            rankers={name: ranker for name, ranker in self.rankers.items() if name != model},
            figures=None if isinstance(prediction, FiguresPrediction) else self.figures,
            clusters=None if isinstance(prediction, ClusteringPrediction) else self.clusters,
        )

    def version(self, model: str) -> str | None:
        """Which version of a model counts now."""
        release = self.releases.get(model)
        return release.version if release else None

    def score(self, model: str, features: Mapping[str, float]) -> Scored | None:
        """What a model says, or None as long as no version of it has been released."""
        scorer = self.scorers.get(model)
        if scorer is None:
            return None
        said = scorer.score(features)
        low, high = (None if each is None else round(each, 6) for each in (said.low, said.high))
        return Scored(round(said.value, 6), self.releases[model].version, said.reasons, low, high)

    def rewards(self, model: str | None) -> RewardScorer | None:
        """What a model expects of offers, or None as long as no version of it has been released."""
        return self.reward_scorers.get(model) if model else None

    def ranker(self, model: str | None) -> Ranker | None:
        """What ranks products by a model, or None as long as no version of it has been released."""
        return self.rankers.get(model) if model else None
