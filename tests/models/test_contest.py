"""A challenger takes the champion's place when it is better, and hardly by chance; a poisoned one never does."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, ClassVar, Literal

import pytest
from pydantic import ValidationError

from streamproc.events.log import ModelReleased
from streamproc.events.training import Example, ModelCard
from streamproc.learn.codec import decode_learner, encode_learner
from streamproc.learn.learner import Learner, new_learner
from streamproc.models.config import ModelSettings
from streamproc.models.contest import Contest
from streamproc.models.learned import FIRST, LearnedPrediction
from streamproc.models.learners import LEARNERS
from streamproc.models.learners.logistic_regression import LogisticRegression
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import unpack
from streamproc.models.scorer import Model
from tests.builders import KEY, NOON

SLOW = {"kind": "logistic_regression", "learning_rate": 0.00001}
QUICK = {"kind": "logistic_regression", "learning_rate": 0.02}
CHURN: dict[str, Any] = {"features": ["log_orders", "log_views_7d"], "release_every": 500}


@pytest.fixture
def poisoned() -> Iterator[str]:
    """A learner that learns from labels that were shuffled."""

    class Poisoned(LogisticRegression):
        kind: Literal["poisoned"] = "poisoned"  # type: ignore[assignment]  # each learner narrows it
        dice: ClassVar[Random] = Random(5)

        def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
            del label
            super().learn(model, features, float(self.dice.random() < 0.5))

    yield "poisoned"
    del LEARNERS["poisoned"]


def churn(**changes: Any) -> LearnedPrediction:
    found = ModelSettings.model_validate({"churn": CHURN | changes})["churn"]
    assert isinstance(found, LearnedPrediction)
    return found


def examples(count: int, seed: int = 1) -> Iterator[Example]:
    """Who orders less leaves more often."""
    dice = Random(seed)
    for number in range(count):
        orders, views = dice.uniform(0, 3), dice.uniform(0, 3)
        leaves = dice.random() < 1 / (1 + 2.7 ** (2 * orders - 3))
        features = {"log_orders": orders, "log_views_7d": views}
        yield Example("churn", f"{number:06d}", number, number + 9, features, float(leaves), None, None, number + 9)


def taught(prediction: LearnedPrediction, count: int, seed: int = 1) -> tuple[Learner, list[ModelCard]]:
    learner = new_learner("churn", prediction)
    cards = [learner.learn(each, prediction, KEY) for each in examples(count, seed)]
    return learner, [card for card in cards if card is not None]


def champions(cards: list[ModelCard]) -> list[float | int | str]:
    return [card.parameters["champion"] for card in cards]


def test_a_better_challenger_takes_the_champions_place_and_is_what_is_released() -> None:
    prediction = churn(learner=SLOW, challengers={"quick": QUICK})
    _, cards = taught(prediction, 5_000)
    assert champions(cards)[:3] == [FIRST] * 3
    assert champions(cards)[-1] == "quick"
    assert cards[-1].parameters["learning_rate"] == QUICK["learning_rate"]
    first, last = (prediction.scorer(unpack(cards[at].snapshot, prediction)) for at in (0, -1))
    risky, safe = {"log_orders": 0.0, "log_views_7d": 1.0}, {"log_orders": 3.0, "log_views_7d": 1.0}
    assert last.score(risky).value - last.score(safe).value > 0.5
    assert first.score(risky).value - first.score(safe).value < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_one_that_learned_from_shuffled_labels_is_never_promoted(poisoned: str, seed: int) -> None:
    _, cards = taught(churn(learner=QUICK, challengers={"bad": {"kind": poisoned}}), 4_000, seed)
    assert set(champions(cards)) == {FIRST}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_one_that_is_no_better_is_not_promoted(seed: int) -> None:
    _, cards = taught(churn(learner=QUICK, challengers={"same": {**QUICK, "l2": 0.00011}}), 4_000, seed)
    assert set(champions(cards)) == {FIRST}


def test_learning_that_is_cut_anywhere_goes_on_to_the_same_releases() -> None:
    prediction = churn(learner=SLOW, challengers={"quick": QUICK})
    learner, whole = new_learner("churn", prediction), taught(prediction, 3_000)[1]
    cut = []
    for number, example in enumerate(examples(3_000)):
        if number % 700 == 350:
            learner = decode_learner(encode_learner(learner), {"churn": prediction})
        if card := learner.learn(example, prediction, KEY):
            cut.append(card)
    assert cut == whole


def test_who_challenges_may_change_and_who_learned_before_goes_on() -> None:
    alone = churn(learner=QUICK)
    learner, _ = taught(alone, 1_000)
    before = learner.model
    joined = churn(learner=QUICK, challengers={"slow": SLOW})
    again = decode_learner(encode_learner(learner), {"churn": joined})
    assert isinstance(again.model, Contest)
    assert again.model.released["LogisticRegression"].weights == before["LogisticRegression"].weights
    for example in examples(600):
        again.learn(example, joined, KEY)
    left = decode_learner(encode_learner(again), {"churn": alone})
    assert left.model["LogisticRegression"].weights == again.model.released["LogisticRegression"].weights


def test_a_release_of_any_contender_scores_in_decide() -> None:
    prediction = churn(learner=SLOW, challengers={"quick": QUICK})
    _, cards = taught(prediction, 1_000)
    bank = ModelBank(KEY, {"churn": prediction})
    card = cards[-1]
    released = ModelReleased(
        model="churn",
        version=card.version,
        snapshot=card.snapshot,
        signature=card.signature,
        trained_through=NOON,
        examples=card.examples,
    )
    scored = bank.with_release(released).score("churn", {"log_orders": 1.0, "log_views_7d": 1.0})
    assert scored is not None
    assert 0 < scored.value < 1


@pytest.mark.parametrize(
    ("challengers", "says"),
    [
        ({"learner": QUICK}, "a challenger cannot be called 'learner'"),
        ({"odd": {"kind": "quantile_regression"}}, "churn needs a learner of a probability"),
        ({f"c{number}": QUICK for number in range(5)}, "at most 4"),
    ],
)
def test_challengers_that_do_not_fit_say_why(challengers: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        churn(challengers=challengers)
