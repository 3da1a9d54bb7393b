"""The released versions that decide scores with: frozen until the log says that another one counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from streamproc.events.log import ModelReleased
from streamproc.models.kind import (
    AskedPrediction,
    Predictions,
    ProbabilityScorer,
    RewardPrediction,
    RewardScorer,
)
from streamproc.models.snapshot_error import SnapshotError
from streamproc.models.snapshots import unpack, verify
from streamproc.value import value


@value
class Scored:
    """A probability, the version that said it, and the features that moved it most."""

    probability: float
    model_version: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ModelBank:
    """The released models of these predictions, by name. A bank never changes: a release makes a new one."""

    signing_key: bytes = field(repr=False)
    predictions: Predictions
    releases: Mapping[str, ModelReleased] = field(default_factory=dict)
    scorers: Mapping[str, ProbabilityScorer] = field(default_factory=dict, repr=False)
    reward_scorers: Mapping[str, RewardScorer] = field(default_factory=dict, repr=False)

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
        raise SnapshotError(f"the prediction {release.model!r} is of a kind that decide does not use")

    def version(self, model: str) -> str | None:
        """Which version of a model counts now."""
        release = self.releases.get(model)
        return release.version if release else None

    def score(self, model: str, features: Mapping[str, float]) -> Scored | None:
        """What a model says, or None as long as no version of it has been released."""
        scorer = self.scorers.get(model)
        if scorer is None:
            return None
        probability, reasons = scorer.score(features)
        return Scored(round(probability, 6), self.releases[model].version, reasons)

    def rewards(self, model: str | None) -> RewardScorer | None:
        """What a model expects of offers, or None as long as no version of it has been released."""
        return self.reward_scorers.get(model) if model else None
