"""What a version says of its weights is what they do: one standard deviation more of a feature adds so much."""

from collections.abc import Callable
from math import log, log1p

import pytest

from streamproc.models.learners import Learner


def log_odds(probability: float) -> float:
    return log(probability / (1 - probability))


@pytest.mark.parametrize(
    ("kind", "link", "label"),
    [
        ("logistic_regression", log_odds, lambda one, other: float(one > 0 or other > 0)),
        ("bayesian_regression", float, lambda one, other: 5 + 2 * one - other),
        ("quantile_regression", log1p, lambda one, other: 5 + 2 * one - other),
    ],
)
def test_one_standard_deviation_more_adds_what_the_version_says(
    kind: str, link: Callable[[float], float], label: Callable[[float, float], float]
) -> None:
    learner = Learner.read({"kind": kind})
    model = learner.new_model()
    for _ in range(100):
        for one in (-1.0, 1.0):  # of mean 0 and standard deviation 1
            for other in (-1.0, 1.0):
                learner.learn(model, {"log_orders": one, "log_revenue": other}, label(one, other))
    scorer = learner.scorer(model)
    said = scorer.per_deviation()
    assert set(said) == {"log_orders", "log_revenue"}
    plain = link(scorer.score({"log_orders": 0.0, "log_revenue": 0.0}).value)
    for name, adds in said.items():
        more = link(scorer.score({"log_orders": 0.0, "log_revenue": 0.0, name: 1.0}).value)
        assert more - plain == pytest.approx(adds, abs=1e-9)
