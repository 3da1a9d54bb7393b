"""A model whose world turns round is found out by the log loss of its scores; one whose world stays is not.

The shop asks, the answer comes 200 questions later, and what scored is the version that was released last by then.
"""

from collections import deque
from math import exp
from random import Random
from statistics import median

import pytest

from streamproc.models.health.recent import RecentScores
from streamproc.models.kinds.churn import ChurnPrediction
from tests.builders import CHURN

ASKED = ChurnPrediction.model_validate(CHURN | {"learner": {"kind": "logistic_regression", "learning_rate": 0.02}})
LATE, RELEASE_EVERY, FLIP, LENGTH = 200, 100, 5_000, 10_000


def simulated(seed: int, flip: int = FLIP, length: int = LENGTH) -> list[int]:
    """After which examples drift is found; from example `flip` on all answers are the other way round."""
    dice, model, recent = Random(seed), ASKED.new_model(), RecentScores()
    scorer, open_questions, found = ASKED.scorer(model), deque[tuple[dict[str, float], float]](), list[int]()
    for number in range(length + LATE):
        features = {name: dice.gauss(0, 1) for name in ASKED.features}
        open_questions.append((features, scorer.score(features)[0]))
        if len(open_questions) <= LATE:
            continue
        known, score = open_questions.popleft()
        label = int(dice.random() < 1 / (1 + exp(-1.5 * sum(known.values()))))
        label = 1 - label if number - LATE >= flip else label
        before = recent.drifts
        recent.observe(score, label)
        ASKED.learn(model, known, label)
        if recent.drifts > before:
            found.append(number - LATE)
        if number % RELEASE_EVERY == 0:
            scorer = ASKED.scorer(model)
    return found


@pytest.mark.slow
def test_answers_that_turn_round_are_found_within_a_hundred_examples() -> None:
    delays = []
    for seed in range(20):
        [first, *_] = simulated(seed, length=FLIP + 1_000)
        delays.append(first - FLIP)
    assert min(delays) >= 0
    assert median(delays) <= 64
    assert max(delays) <= 64


@pytest.mark.slow
def test_without_drift_no_alarm_is_raised_in_twenty_runs() -> None:
    assert [simulated(seed, flip=LENGTH) for seed in range(20)] == [[]] * 20
