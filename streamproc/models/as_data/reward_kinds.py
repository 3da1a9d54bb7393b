"""What each offer brings: the model in `reward_model.py`, with River's regressions, and how good it was."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from streamproc.models.as_data import logistic_kinds  # noqa: F401  it declares the scaler
from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import Listed, Name, Pairs, Real, Whole, refuse
from streamproc.models.in_part import in_part
from streamproc.models.reward_metrics import RewardMetrics
from streamproc.models.reward_model import RewardModel

with in_part():
    from river.linear_model.bayesian_lin_reg import BayesianLinearRegression

MAX_INPUTS = 64


def _held(regression: BayesianLinearRegression) -> Mapping[str, Any]:
    """The mean follows from the rest, so it is not written."""
    return {
        "precision": float(regression.beta),
        "inputs": list(regression._idx),  # noqa: SLF001  what River tells of it is not enough to go on with
        "places": regression._cap,  # noqa: SLF001
        "counted": regression._ss_arr.ravel().tolist(),  # noqa: SLF001
        "covariance": regression._ss_inv_arr.ravel().tolist(),  # noqa: SLF001
        "gained": regression._eta_arr.tolist(),  # noqa: SLF001
    }


def _regression(held: Mapping[str, Any]) -> BayesianLinearRegression:
    """The regression as it was: it goes on to the last bit as if it had never been written."""
    places, names = held["places"], held["inputs"]
    sizes = (len(held["counted"]), len(held["covariance"]), len(held["gained"]))
    if places > MAX_INPUTS or sizes != (places**2, places**2, places) or not len(set(names)) == len(names) <= places:
        refuse("", f"a regression with up to {MAX_INPUTS} inputs, each once, and a square of as many numbers")
    made = BayesianLinearRegression(alpha=1.0, beta=held["precision"])
    square = (places, places)
    made._idx = {name: place for place, name in enumerate(names)}  # noqa: SLF001
    made._cap = places  # noqa: SLF001
    made._ss_arr = np.array(held["counted"], dtype=np.float64).reshape(square)  # noqa: SLF001
    made._ss_inv_arr = np.array(held["covariance"], dtype=np.float64).reshape(square).copy(order="F")  # noqa: SLF001
    made._eta_arr = np.array(held["gained"], dtype=np.float64)  # noqa: SLF001
    made._m_dirty = True  # noqa: SLF001
    return made


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
