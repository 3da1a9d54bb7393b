"""From which weight on the model is believed instead of the log.

Wang, Agarwal and Dudík (2017), section 4: of a grid of limits the one with the lowest variance plus square of the
largest possible bias. What is above the limit is answered by a model that may be wrong by 1, the largest reward, so the
bias is at most the policy's share of such choices, estimated from the log by mean of w over those with w above it.
"""

import numpy as np

from streamproc.offline.backtest.off_policy.estimators import Terms, corrected

STEPS = 21
LOWEST = 0.05
"""The grid: quantiles of the weights above 0, from this one to the largest."""


def limit_of(terms: Terms) -> float:
    """The limit for these decisions; with the largest weight, switch is doubly robust."""
    above_0 = terms.weights[terms.weights > 0]
    grid = np.quantile(above_0, np.linspace(LOWEST, 1, STEPS), method="higher")
    return float(min(grid[::-1], key=lambda limit: _error(terms, float(limit))))


def _error(terms: Terms, limit: float) -> float:
    variance = float(corrected(terms, limit).var()) / len(terms.weights)
    bias = float(terms.weights[terms.weights > limit].sum()) / len(terms.weights)
    return variance + min(bias, 1.0) ** 2
