"""The released versions that decide scores with: frozen until the log says that another one counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamproc.events.log import ModelReleased
from streamproc.models.churn import MODEL
from streamproc.models.frozen import FrozenChurn
from streamproc.models.snapshot_error import SnapshotError
from streamproc.models.snapshots import verified


@dataclass(frozen=True, slots=True)
class Scored:
    """A probability, the version that said it, and the features that moved it most."""

    probability: float
    model_version: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ModelBank:
    """Released models by name. A bank never changes: a release makes a new one."""

    signing_key: bytes = field(repr=False)
    releases: Mapping[str, ModelReleased] = field(default_factory=dict)
    models: Mapping[str, FrozenChurn] = field(default_factory=dict, repr=False)

    def with_release(self, release: ModelReleased) -> "ModelBank":
        """The bank in which this release counts.

        Raises:
            SnapshotError: the release is not ours, damaged, or of a model that this release does not have.
        """
        model = verified(release.model, release.version, release.snapshot, release.signature, self.signing_key)
        if release.model != MODEL:
            raise SnapshotError(f"there is no model {release.model!r} in this release of streamproc")
        return ModelBank(
            self.signing_key,
            {**self.releases, release.model: release},
            {**self.models, release.model: FrozenChurn.of(model)},
        )

    def version(self, model: str) -> str | None:
        """Which version of a model counts now."""
        release = self.releases.get(model)
        return release.version if release else None

    def churn(self, features: Mapping[str, float]) -> Scored | None:
        """The churn risk, or None as long as no version has been released."""
        model = self.models.get(MODEL)
        if model is None:
            return None
        probability, reasons = model.score(features)
        return Scored(round(probability, 6), self.releases[MODEL].version, reasons)
