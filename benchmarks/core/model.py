"""A released churn model for benchmarks: trained on made-up examples, signed, as learn would release it."""

from random import Random

from streamproc.events.log import ModelReleased
from streamproc.events.times import from_epoch_ms
from streamproc.models.kind import AnsweredPrediction, Prediction
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign

KEY = b"benchmark"
MODEL = "churn"


def bank_with_model(prediction: Prediction, examples: int = 500) -> ModelBank:
    """A bank in which a version counts."""
    assert isinstance(prediction, AnsweredPrediction)
    dice, model = Random(3), prediction.new_model()
    for _ in range(examples):
        features = {name: dice.uniform(0, 5) for name in prediction.features}
        prediction.learn(model, features, int(features[prediction.features[0]] + dice.gauss(0, 1) > 2.5))
    snapshot = pack(model)
    version = f"{MODEL}-{examples:09d}"
    release = ModelReleased(
        model=MODEL,
        version=version,
        snapshot=snapshot,
        signature=sign(MODEL, version, snapshot, KEY),
        trained_through=from_epoch_ms(0),
        examples=examples,
    )
    return ModelBank(KEY, {MODEL: prediction}).with_release(release)
