"""What each offer brings: the model in `reward_model.py`, with River's regressions, and how good it was."""

from collections.abc import Mapping
from typing import Any

from streamproc.models.as_data import logistic_kinds  # noqa: F401  it declares the scaler
from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import Listed, Name, Pairs, Real, Whole, refuse
from streamproc.models.estimators.regression import Held, held_by, regression_of
from streamproc.models.estimators.reward_model import RewardModel
from streamproc.models.health.reward_metrics import RewardMetrics
from streamproc.models.in_part import in_part

with in_part():
    from river.linear_model.bayesian_lin_reg import BayesianLinearRegression

MAX_INPUTS = 32


def _held(regression: BayesianLinearRegression) -> Mapping[str, Any]:
    return held_by(regression)._asdict()


def _regression(found: Mapping[str, Any]) -> BayesianLinearRegression:
    held = Held(**found)
    sizes = (len(held.counted), len(held.covariance), len(held.gained))
    are_different = len(set(held.inputs)) == len(held.inputs) <= held.places <= MAX_INPUTS
    if not are_different or sizes != (held.places**2, held.places**2, held.places):
        refuse("", f"a regression with up to {MAX_INPUTS} inputs, each once, and a square of as many numbers")
    return regression_of(held)


declare(
    Kind(
        RewardModel,
        {
            "noise": Real(at_least=0),
            "prior": Real(at_least=0),
            "scaler": part("StandardScaler"),
            "offers": Pairs(Name(), part("BayesianLinearRegression")),
        },
    ),
    Kind(
        BayesianLinearRegression,
        {
            "precision": Real(at_least=0),
            "inputs": Listed(Name()),
            "places": Whole(),
            "counted": Listed(Real()),
            "covariance": Listed(Real()),
            "gained": Listed(Real()),
        },
        read=_held,
        make=_regression,
    ),
    Kind(
        RewardMetrics,
        {
            "examples": Whole(),
            "scored": Whole(),
            "rewards": Real(),
            "scored_rewards": Real(),
            "squared_errors": Real(),
            "plain_errors": Real(),
        },
    ),
)
