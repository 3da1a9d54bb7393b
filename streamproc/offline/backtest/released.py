"""The versions of each model that a replay released: the cards, what each built on, and what was decided about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from streamproc.events.model_audit import ModelAct
from streamproc.events.training import ModelCard
from streamproc.models.kind import AskedPrediction, Predictions
from streamproc.models.releases.acts import ModelHistory
from streamproc.models.releases.snapshots import unpack

AT_ONCE, WAITED = "counted at once", "waited, since the model was frozen"
_CARD, _ACT = TypeAdapter(ModelCard), TypeAdapter(ModelAct)


@dataclass(frozen=True, slots=True)
class ReleasedVersion:
    """One version, as its card says.

    Attributes:
        version: its name.
        parent: the version before it, on which it learned further; None: it is the first.
        examples: how many it has learned from.
        trained_through: up to where all it knows had happened (RFC 3339).
        metrics: of all scores that had been given until then.
        parameters: how it learned.
        fate: whether it counted at its release.
        acts: what was decided about it since: when, by whom, what and why.
    """

    version: str
    parent: str | None
    examples: int
    trained_through: str
    metrics: Mapping[str, float]
    parameters: Mapping[str, float | int | str]
    fate: str
    acts: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReleasedModel:
    """A model and its versions in the order of their release.

    Attributes:
        model: its name.
        kind: what it predicts.
        counts: which version counts at the end; None: none does.
        frozen: whether later releases would wait.
        features: what the newest version knows of a customer.
        per_deviation: of the newest version, what one standard deviation more of a feature adds (`Scorer`); empty
            where a version has no such weights.
        versions: at least one.
    """

    model: str
    kind: str
    counts: str | None
    frozen: bool
    features: Sequence[str]
    per_deviation: Mapping[str, float]
    versions: Sequence[ReleasedVersion]


def released_models(
    cards: Iterable[Mapping[str, Any]], acts: Iterable[Mapping[str, Any]], predictions: Predictions
) -> list[ReleasedModel]:
    """By the models' names, from the messages of `streamproc.models.v1` and `streamproc.model-audit.v1`.

    Raises:
        SnapshotError: a version is of a prediction that is another one now.
    """
    by_model: dict[str, dict[str, ModelCard]] = {}
    newest: dict[str, ModelCard] = {}
    for message in cards:
        card = _CARD.validate_python(message)
        versions = by_model.setdefault(card.model, {})
        versions.pop(card.version, None)
        versions[card.version] = replace(card, snapshot="")  # as many as there are, they would fill the memory
        newest[card.model] = card
    known = [_ACT.validate_python(message) for message in acts]
    histories = (ModelHistory.of(name, list(by_model[name].values()), known) for name in sorted(by_model))
    return [_model(history, newest[history.model], predictions) for history in histories]


def _model(history: ModelHistory, newest: ModelCard, predictions: Predictions) -> ReleasedModel:
    prediction, standing = predictions.get(history.model), history.standing
    asked = prediction if isinstance(prediction, AskedPrediction) else None
    return ReleasedModel(
        model=history.model,
        kind=prediction.kind if prediction else history.model,
        counts=standing.counts,
        frozen=standing.frozen,
        features=newest.features,
        per_deviation=asked.scorer(unpack(newest.snapshot, asked)).per_deviation() if asked else {},
        versions=[_version(history, place) for place in range(len(history.cards))],
    )


def _version(history: ModelHistory, place: int) -> ReleasedVersion:
    card = history.cards[place]
    return ReleasedVersion(
        version=card.version,
        parent=history.cards[place - 1].version if place else None,
        examples=card.examples,
        trained_through=card.trained_through,
        metrics=card.metrics,
        parameters=card.parameters,
        fate=WAITED if _is_frozen_before(history, place) else AT_ONCE,
        acts=[_told(act) for act in history.acts if card.version in (act.from_version, act.to_version)],
    )


def _is_frozen_before(history: ModelHistory, place: int) -> bool:
    """Whether the last act before this release had later ones wait."""
    earlier = {card.version for card in history.cards[:place]}
    before = [act for act in history.acts if act.newest_version in earlier]
    return bool(before) and before[-1].frozen


def _told(act: ModelAct) -> str:
    before, after = act.from_version or "none", act.to_version or "none"
    return f"{act.at[:16]} {act.by}: {act.action}, {before} -> {after}: {act.reason}"
