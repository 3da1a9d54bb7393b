from math import isfinite

from hypothesis import given
from hypothesis import strategies as st
from river.compose import Pipeline

from streamproc.models.estimators.frozen_logistic import FrozenLogistic
from streamproc.models.estimators.logistic import bounded
from streamproc.models.kinds.churn import ChurnPrediction
from tests.builders import CHURN

SETTINGS = ChurnPrediction.model_validate(CHURN)
NAMES = SETTINGS.features
values = st.one_of(st.floats(-10, 10), st.floats(), st.just(0.0))
somebody = st.fixed_dictionaries(dict.fromkeys(NAMES, values))


def by_river(model: Pipeline, features: dict[str, float]) -> tuple[float, tuple[str, ...]]:
    """What the pipeline itself says, and which of its scaled features moved it most."""
    value = float(model.predict_proba_one(bounded(features))[True])
    scaled = model["StandardScaler"].transform_one(bounded(features))
    weights = model["LogisticRegression"].weights
    moved = {name: weights.get(name, 0.0) * scaled[name] for name in scaled}
    strongest = sorted(moved, key=lambda name: (-abs(moved[name]), name))[:3]
    reasons = tuple(("+" if moved[name] > 0 else "-") + name for name in strongest if moved[name])
    return value if isfinite(value) else 0.5, reasons


@given(st.lists(st.tuples(somebody, st.integers(0, 1)), max_size=20), somebody)
def test_a_frozen_model_scores_as_river_to_the_last_bit(
    learned: list[tuple[dict[str, float], int]], features: dict[str, float]
) -> None:
    model = SETTINGS.new_model()
    for seen, label in learned:
        SETTINGS.learn(model, seen, label)
    assert FrozenLogistic.of(model).score(features)[:2] == by_river(model, features)


def test_a_feature_that_was_never_learned_does_not_count() -> None:
    model = SETTINGS.new_model()
    for number in range(9):
        SETTINGS.learn(model, {NAMES[0]: float(number)}, number % 2)
    frozen = FrozenLogistic.of(model)
    assert frozen.score({NAMES[0]: 1.0, NAMES[1]: 7.0}) == frozen.score({NAMES[0]: 1.0})
