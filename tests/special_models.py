"""Models that ask nobody anything: what is released of them is of shapes of their own."""

from typing import Any

from streamproc.events.log import ModelReleased
from streamproc.events.training import Example
from streamproc.models.config import ModelSettings
from streamproc.models.kind import Predictions
from streamproc.models.releases.snapshots import pack, sign
from tests.builders import NOON

TABLES: dict[str, dict[str, Any]] = {"rfm": {}, "clusters": {"clusters": 2, "features": ["orders_365d"]}, "for_you": {}}
PREDICTIONS: Predictions = ModelSettings.model_validate(TABLES).predictions


def special_release(name: str, number: int, key: bytes, padding: int = 0) -> ModelReleased:
    """A signed version that has seen some customers; its snapshot is so many characters longer than need be."""
    prediction, version = PREDICTIONS[name], f"{name}-{number:09d}"
    model, health = prediction.new_model(), prediction.new_metrics()
    for each in range(40):
        features = {feature: float(each % 7) for feature in prediction.features}
        prediction.teach(model, health, Example(name, "s", 0, 0, features, 0, None, None))
    snapshot = pack(prediction.released(model)) + " " * padding
    signature = sign(name, version, snapshot, key)
    return ModelReleased(
        model=name, version=version, snapshot=snapshot, signature=signature, trained_through=NOON, examples=number
    )
