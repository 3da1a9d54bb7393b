"""Clusters of customers: what is found, that names stay, what is said of each, and what is let through."""

from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from streamproc.learn.codec import decode_learner, encode_learner
from streamproc.learn.learner import Learner, new_learner
from streamproc.models.as_data.known import know_kinds
from streamproc.models.clusters.released import ReleasedClusters
from streamproc.models.clusters.words import described
from streamproc.models.config import ModelSettings
from streamproc.models.kinds import Prediction
from streamproc.models.kinds.clusters import ClustersPrediction
from streamproc.models.releases.snapshots import pack, unpack
from streamproc.models.snapshot_error import SnapshotError
from tests.builders import KEY
from tests.models.foreign_data import mutated
from tests.models.mixtures import adjusted_rand, mixture, sample, somebody

FIVE = ClustersPrediction(clusters=5)
VALUES = st.lists(st.floats(-1e12, 1e12) | st.integers(0, 3).map(float), min_size=5, max_size=5)


def learner_of(values: list[list[float]], prediction: ClustersPrediction = FIVE) -> Learner:
    learner = new_learner("clusters", prediction)
    for number, each in enumerate(values):
        learner.learn(sample(each, number), prediction, KEY)
    return learner


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_customers_of_known_kinds_are_found_again(seed: int) -> None:
    kinds, values = zip(*mixture(seed), strict=True)
    found = FIVE.clusters_of(FIVE.released(learner_of(list(values)).model), "v")
    assert adjusted_rand(kinds, [found.of(each) for each in values]) > 0.95


@settings(max_examples=30, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=30), st.integers(2, 12))
def test_the_same_samples_make_the_same_version_also_after_a_restart(values: list[list[float]], count: int) -> None:
    prediction = ClustersPrediction(clusters=count)
    one, half = learner_of(values, prediction), learner_of(values[: len(values) // 2], prediction)
    other = decode_learner(encode_learner(half), {"clusters": prediction})
    for number, each in enumerate(values):
        if number >= len(values) // 2:
            other.learn(sample(each, number), prediction, KEY)
    assert encode_learner(one) == encode_learner(other)
    released = prediction.released(one.model)
    assert pack(released) == pack(prediction.released(other.model))
    assert 1 <= len(released.numbers) <= count
    assert sum(released.shares) == pytest.approx(1)
    again = prediction.clusters_of(unpack(pack(released), prediction), "v")
    assert all(again.of(each) == prediction.clusters_of(released, "v").of(each) for each in values)


def test_a_cluster_keeps_its_name_as_customers_change_slowly() -> None:
    random = Random(7)
    model, health = FIVE.new_model(), FIVE.new_metrics()
    names = []
    for round_ in range(6):
        for kind in random.choices(range(5), k=400):
            drifted = [value * 1.02**round_ for value in somebody(random, kind)]
            assert FIVE.teach(model, health, sample(drifted, at_day=28 * round_))
        found = FIVE.clusters_of(FIVE.released(model), "v")
        names.append([found.of(somebody(random, kind, 0)) for kind in range(5)])
    assert names == [names[0]] * 6
    assert len(set(names[0])) == 5
    assert health.values()["explained"] > 0.8


def test_a_cluster_that_was_not_there_gets_a_name_that_nothing_had() -> None:
    random = Random(3)
    prediction = ClustersPrediction(clusters=2, half_life_days=7)
    model, health = prediction.new_model(), prediction.new_metrics()
    found: list[ReleasedClusters] = []
    for day, kinds in ((0, (0, 1)), (0, (0, 1)), (400, (1, 4))):
        for number in range(200):
            prediction.teach(model, health, sample(somebody(random, kinds[number % 2]), at_day=day))
        found.append(prediction.released(model))
    before, _, after = (each.of_version("v") for each in found)
    assert after.of(somebody(random, 1, 0)) == before.of(somebody(random, 1, 0))
    assert {*before.centres} == {"c1", "c2"}
    assert after.of(somebody(random, 4, 0)) == "c3"


def test_it_is_said_what_makes_each_different() -> None:
    model = learner_of([values for _, values in mixture(1)]).model
    released = FIVE.released(model)
    often = released.of_version("v").of(somebody(Random(0), 0, 0))
    said = FIVE.parameters(model)
    assert str(said[often]).startswith("8.5%: order more often than others (19.7 a year beside 2.1), spend more")
    assert all(len(words) <= 3 for words in released.words)


def test_the_strongest_difference_comes_first_and_small_ones_are_left_out() -> None:
    words = described(["opens_28d", "night_orders@1f", "views_28d"], [2.0, 0.0, 1.0], [1.0, 2.0, 1.1], [1.0, 1.0, 1.0])
    assert words == [
        "have less of night_orders than others (0.0 beside 6.4)",
        "open more messages than others (6.4 in 28 days beside 1.7)",
    ]


RELEASED = pack(FIVE.released(learner_of([values for _, values in mixture(2, 200)]).model))


@settings(deadline=None, max_examples=200)
@given(mutated(orjson.loads(RELEASED)))
def test_whatever_comes_instead_of_a_version_is_refused_or_can_be_used(data: object) -> None:
    try:
        found = FIVE.clusters_of(unpack(orjson.dumps(data).decode(), FIVE), "v")
    except SnapshotError:
        return
    assert found.of([1.0] * len(found.features)) in found.centres


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numbers": [1, 1, 2, 3, 4]}, "a number of its own"),
        ({"numbers": [], "shares": [], "centres": [], "words": []}, "no clusters"),
        ({"features": ["a", "a", "b", "c", "d"]}, "a feature twice"),
        ({"means": [0.0]}, "not a number for each feature"),
        ({"spreads": ["nan", 1.0, 1.0, 1.0, 1.0]}, "not finite"),
        ({"spreads": [-1.0, 1.0, 1.0, 1.0, 1.0]}, "at least 0"),
        ({"words": []}, "what each is like"),
        ({"is": "RfmModel"}, "must be a table of"),
    ],
)
def test_a_version_that_says_nothing_is_refused_with_the_reason(change: dict[str, Any], message: str) -> None:
    data = orjson.loads(RELEASED)
    data["model"] |= change
    with pytest.raises(SnapshotError, match=message):
        unpack(orjson.dumps(data).decode(), FIVE)


def test_what_learns_is_no_version_and_other_models_are_none_of_clusters() -> None:
    know_kinds()
    model = learner_of([[1.0] * 5]).model
    with pytest.raises(SnapshotError, match="what learns"):
        FIVE.clusters_of(model, "v")
    with pytest.raises(SnapshotError, match="has learned by"):
        unpack(pack(model), ClustersPrediction(features=("views_28d",)))
    with pytest.raises(SnapshotError, match="the model is of clusters"):
        FIVE.require(object())


def test_other_features_make_other_clusters_and_another_number_of_them_does_not() -> None:
    raw = encode_learner(learner_of([values for _, values in mixture(1, 50)]))
    assert decode_learner(raw, {"clusters": ClustersPrediction(clusters=3)}).model.weight == 50
    changed = decode_learner(raw, {"clusters": ClustersPrediction(features=("views_28d", "opens_28d"))})
    assert (changed.model.weight, changed.before) == (0, 50)


@pytest.mark.parametrize(
    "wrong",
    [
        {"clusters": 1},
        {"clusters": 13},
        {"features": ["orders_365d", "orders_365d"]},
        {"features": ["rfm_group"]},
        {"features": ["cluster"]},
        {"features": []},
        {"lateness_hours": 3},
    ],
)
def test_what_cannot_be_asked_hurts(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Prediction.read({"kind": "clusters"} | wrong)


def test_features_ask_one_table_of_a_kind() -> None:
    with pytest.raises(ValidationError, match="there is one clusters for the features to ask"):
        ModelSettings.model_validate({"clusters": {}, "others": {"kind": "clusters"}})
