"""What offers bring is learned by River and said by plain numbers; written and read, it goes on as it was."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.training import Example
from streamproc.learn.codec import decode_learner, encode_learner
from streamproc.learn.learner import new_learner
from streamproc.models.estimators.frozen_rewards import FrozenRewards
from streamproc.models.estimators.reward_model import MAX_OFFERS, inputs
from streamproc.models.health.reward_metrics import RewardMetrics
from streamproc.models.kinds.offer_reward import OfferReward, about
from streamproc.models.releases.snapshots import pack, unpack
from streamproc.models.snapshot_error import SnapshotError
from tests.builders import ASKED
from tests.trying import tried

FEATURES = ("log_orders", "log_views_7d")
REWARD = OfferReward(features=FEATURES, release_every=5)
numbers = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, float("nan"), float("inf")])
learned = st.lists(
    st.tuples(st.sampled_from("abc"), numbers, numbers, st.sampled_from([0.0, 0.2, 1.0, 1.2])), max_size=15
)


def example(offer: str, orders: float, views: float, reward: float, *, score: float | None = None) -> Example:
    features = about(offer, {"log_orders": orders, "log_views_7d": views})
    return Example("offer_reward", "s", 0, 0, features, reward, score, None)


def model_of(some: list[tuple[str, float, float, float]]) -> Any:
    model = REWARD.new_model()
    for each in some:
        told = example(*each)
        REWARD.learn(model, told.features, told.label)
    return model


@tried(40)
@given(learned, learned, st.tuples(numbers, numbers))
def test_a_model_that_was_text_goes_on_as_one_that_was_not_to_the_last_bit(
    before: list[Any], after: list[Any], somebody: tuple[float, float]
) -> None:
    model = model_of(before)
    again = unpack(pack(model), REWARD)
    assert pack(again) == pack(model)
    for each in after:
        told = example(*each)
        REWARD.learn(model, told.features, told.label)
        REWARD.learn(again, told.features, told.label)
    assert pack(again) == pack(model)
    features = dict(zip(FEATURES, somebody, strict=True))
    for offer in "abcd":
        assert FrozenRewards.of(again).estimate(offer, features) == FrozenRewards.of(model).estimate(offer, features)


@tried(40)
@given(
    st.lists(learned.map(lambda some: some[:1]), min_size=1, max_size=20), st.tuples(st.floats(0, 9), st.floats(0, 9))
)
def test_the_frozen_model_says_what_river_says(some: list[Any], somebody: tuple[float, float]) -> None:
    model = model_of([each for one in some for each in one])
    features = dict(zip(FEATURES, somebody, strict=True))
    frozen = FrozenRewards.of(model)
    for offer, regression in model.offers.items():
        by_river = regression.predict_one(inputs(features, model.scales, model.prior), with_dist=True)
        estimate = frozen.estimate(offer, features)
        assert estimate is not None
        assert estimate.mean == pytest.approx(by_river.mu, abs=1e-7)
        noise = model.noise**2
        assert estimate.deviation**2 + noise == pytest.approx(by_river.sigma**2, rel=1e-6)


def test_it_learns_who_likes_what_and_is_the_surer_the_more_it_has_seen() -> None:
    dice = Random(3)
    model = REWARD.new_model()
    widths = []
    for number in range(600):
        orders, offer = dice.random() * 3, dice.choice("ab")
        likes = orders > 1.5 if offer == "a" else orders <= 1.5
        told = example(offer, orders, 0.0, float(dice.random() < (0.6 if likes else 0.1)))
        REWARD.learn(model, told.features, told.label)
        if number in {20, 599}:
            widths.append(FrozenRewards.of(model).estimate("a", {"log_orders": 2.5, "log_views_7d": 0.0}))
    frozen = FrozenRewards.of(model)
    many, few = ({"log_orders": orders, "log_views_7d": 0.0} for orders in (2.7, 0.3))
    for offer, loved, other in (("a", many, few), ("b", few, many)):
        by_those, by_others = frozen.estimate(offer, loved), frozen.estimate(offer, other)
        assert by_those is not None
        assert by_others is not None
        assert by_those.mean > 0.4
        assert by_others.mean < 0.3
    assert frozen.estimate("never_made", many) is None
    assert widths[0] is not None
    assert widths[1] is not None
    assert widths[1].deviation < widths[0].deviation / 3


def test_of_more_offers_than_there_is_room_for_the_one_is_forgotten_that_learned_longest_ago() -> None:
    some = [(f"o{number}", 1.0, 1.0, 1.0) for number in range(MAX_OFFERS)]
    model = model_of([*some, ("o0", 1.0, 1.0, 0.0), ("new", 1.0, 1.0, 0.0)])
    assert len(model.offers) == MAX_OFFERS
    assert {"o0", "new"} <= model.offers.keys()
    assert "o1" not in model.offers
    assert len(pack(model)) < 1_000_000


def test_the_largest_model_that_a_file_can_ask_for_fits_into_a_record() -> None:
    names = tuple(f"counted@{number:012d}" for number in range(24))
    widest = OfferReward(features=names)
    model = widest.new_model()
    dice = Random(1)
    for number in range(3 * MAX_OFFERS):
        told = about(f"o{number % MAX_OFFERS}", {name: dice.random() for name in names})
        widest.learn(model, told, dice.random())
    assert len(pack(model).encode()) < 3 << 20


def test_other_features_or_other_numbers_begin_anew_and_the_model_does_not_grow() -> None:
    names = [f"counted@{number:012d}" for number in range(80)]
    model = REWARD.new_model()
    for first in range(0, 72, 8):
        asked = OfferReward(features=tuple(names[first : first + 8]))
        for offer in ("a", "b"):
            for _ in range(3):
                asked.learn(model, about(offer, dict.fromkeys(asked.features, 1.0)), 1.0)
        assert model.features == set(asked.features)
        assert pack(unpack(pack(model), asked)) == pack(model)
    louder = OfferReward(features=asked.features, noise=2.0)
    louder.learn(model, about("c", dict.fromkeys(asked.features, 1.0)), 1.0)
    assert (list(model.offers), model.noise) == (["c"], 2.0)


def test_an_example_that_names_no_offer_is_passed_over() -> None:
    model = REWARD.new_model()
    REWARD.learn(model, {"log_orders": 1.0, "log_views_7d": 0.0}, 1.0)
    assert not model.offers


GOOD = pack(model_of([("a", 1.0, 2.0, 0.2), ("b", 2.0, 1.0, 1.0), ("a", 3.0, 0.0, 0.0)]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda model: model.update({"is": "Pipeline"}), "must be a table of steps"),
        (lambda model: model.pop("noise"), "a table of noise, offers, prior, scaler"),
        (lambda model: model["offers"][0][1].update(places=9), "a regression with up to 32 inputs"),
        (lambda model: model["offers"][0][1]["counted"].pop(), "a regression with up to 32 inputs"),
        (lambda model: model["offers"][0][1].update(inputs=["always"] * 2), "a regression with up to 32 inputs"),
        (lambda model: model["offers"][0][1]["inputs"].__setitem__(1, "log_moods"), "does not have: log_moods"),
        (lambda model: model["offers"][0][1]["gained"].__setitem__(0, "nan"), "numbers that are not finite"),
        (lambda model: model["offers"].append(model["offers"][0]), "without a key that comes twice"),
        (lambda model: model["offers"][0][1]["gained"].__setitem__(0, 1e308), "numbers that are not finite"),
        (lambda model: model.update(prior="inf"), "numbers that are not finite"),
        (lambda model: model.update(noise=0.0), "noise and prior must be"),
        (lambda model: model["offers"][0][1].update(precision=1.0), "another precision than the noise says"),
        (lambda model: model["offers"][0][1].update(precision="nan"), "another precision than the noise says"),
    ],
)
def test_a_model_of_another_shape_is_refused_with_the_reason(change: Callable[[Any], object], message: str) -> None:
    data = orjson.loads(GOOD)
    change(data["model"])
    with pytest.raises(SnapshotError, match=message):
        unpack(orjson.dumps(data).decode(), REWARD)


def test_a_model_of_another_kind_is_refused() -> None:
    with pytest.raises(SnapshotError, match="the model is StandardScaler"):
        unpack(GOOD, ASKED["churn"])
    with pytest.raises(SnapshotError, match="the model is a RewardModel, this is a Pipeline"):
        unpack(pack(ASKED["churn"].new_model()), REWARD)


@tried(20)
@given(learned, learned)
def test_a_learner_of_rewards_that_was_bytes_goes_on_to_the_last_bit(before: list[Any], after: list[Any]) -> None:
    learner = new_learner("offer_reward", REWARD)
    for each in before:
        learner.learn(replace(example(*each), score=0.5), REWARD, b"key")
    again = decode_learner(encode_learner(learner), {"offer_reward": REWARD})
    for each in after:
        cards = [one.learn(example(*each), REWARD, b"key") for one in (learner, again)]
        assert cards[0] == cards[1]
    assert encode_learner(again) == encode_learner(learner)


def test_metrics_say_whether_the_model_is_better_than_the_mean_of_all() -> None:
    metrics = RewardMetrics()
    assert metrics.values() == {}
    for number in range(100):
        reward = float(number % 2)
        metrics.observe(example("a", 0, 0, reward, score=None if number < 10 else 0.1 + 0.8 * reward))
    values = metrics.values()
    assert (values["reward_per_1000"], values["scored"]) == (500.0, 90.0)
    assert values["squared_error"] == pytest.approx(0.01)
    assert values["squared_error_ratio"] < 0.05
