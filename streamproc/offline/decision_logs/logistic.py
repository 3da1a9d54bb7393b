"""Logistic regression with an L2 penalty, fitted to the last digit: a convex problem, so any solver gives the same."""

import numpy as np

from streamproc.offline.backtest.judging import Numbers

STEPS, CLOSE = 100, 1e-10


def fit(features: Numbers, labels: Numbers, penalty: float = 1.0) -> Numbers:
    """The weights of the features and, last, the intercept, which is not penalised; shape (d + 1,).

    Minimises the log loss summed over the rows plus penalty / 2 times the squared weights, by Newton's method with
    steps that are halved until they help (Hastie, Tibshirani and Friedman 2009, section 4.4.1).

    Args:
        features: shape (n, d).
        labels: 0 or 1; shape (n,).
        penalty: above 0, so that there is a solution whatever the rows.
    """
    rows = np.column_stack([features, np.ones(len(features))])
    ridge = np.append(np.full(features.shape[1], penalty), 1e-12)
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        said = chances(rows @ weights)
        slope = rows.T @ (said - labels) + ridge * weights
        curve = (rows * (said * (1 - said))[:, None]).T @ rows + np.diag(ridge)
        step, loss = np.linalg.solve(curve, slope), _loss(rows, labels, ridge, weights)
        while _loss(rows, labels, ridge, weights - step) > loss and np.abs(step).max() > CLOSE:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() <= CLOSE:
            break
    return weights


def chances(scores: Numbers) -> Numbers:
    """Scores as probabilities."""
    probabilities: Numbers = 1 / (1 + np.exp(-scores))
    return probabilities


def _loss(rows: Numbers, labels: Numbers, ridge: Numbers, weights: Numbers) -> float:
    scores = rows @ weights
    return float((np.logaddexp(0, scores) - labels * scores).sum() + (ridge * weights**2).sum() / 2)
