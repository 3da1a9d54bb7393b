"""Logistic regression: where the slope is 0 and the penalty as said, whatever the rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.offline.decision_logs.logistic import chances, fit


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(0, 4), st.floats(0.01, 100))
def test_the_fit_is_where_the_slope_is_zero(seed: int, rows: int, columns: int, penalty: float) -> None:
    dice = np.random.default_rng(seed)
    features, labels = dice.normal(size=(rows + 2, columns)), dice.integers(0, 2, rows + 2).astype(np.float64)
    labels[:2] = 0, 1
    weights = fit(features, labels, penalty)
    off = chances(features @ weights[:-1] + weights[-1]) - labels
    assert features.T @ off + penalty * weights[:-1] == pytest.approx(np.zeros(columns), abs=1e-6)
    assert off.sum() == pytest.approx(0, abs=1e-6)


def test_labels_that_are_all_alike_have_a_fit_too() -> None:
    weights = fit(np.ones((20, 1)), np.zeros(20))
    assert chances(np.asarray([weights.sum()]))[0] < 1e-6
