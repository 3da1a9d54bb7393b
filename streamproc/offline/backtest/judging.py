"""How good predictions of a yes or no were: ROC AUC with an interval, Brier, log loss, calibration, lift."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

RESAMPLES = 1_000
SEED = 20_111_111
LEVEL = (2.5, 97.5)
_EPSILON = 1e-6
"""Log loss is of probabilities between this and one less this: a single sure mistake must not be infinite."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its bootstrap 95 % interval; None where it is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Bin:
    """Those whose prediction was between `low` and `high`: how many, what was said, and what happened."""

    low: float
    high: float
    count: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True)
class Decile:
    """A tenth of the customers, the first the most likely: how many there are, and how often it happened."""

    decile: int
    count: int
    observed: float
    lift: float


def auc(labels: Numbers, scores: Numbers, weights: Numbers | None = None) -> float | None:
    """The chance that a 1 is scored above a 0, ties half; None if there are only ones or only zeros.

    `weights` count each case that often (a bootstrap resample). Source: Hanley and McNeil (1982).

    >>> auc(np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.5]))
    0.75
    """
    weight = np.ones_like(labels) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    ones, zeros = (labels * weight)[order], ((1 - labels) * weight)[order]
    all_ones, all_zeros = float(ones.sum()), float(zeros.sum())
    if not all_ones or not all_zeros:
        return None
    _, starts = np.unique(scores[order], return_index=True)
    ones_of_tie, zeros_of_tie = np.add.reduceat(ones, starts), np.add.reduceat(zeros, starts)
    zeros_below = np.cumsum(zeros_of_tie) - zeros_of_tie
    return float((ones_of_tie * (zeros_below + zeros_of_tie / 2)).sum() / (all_ones * all_zeros))


def resampled(count: int, statistic: Callable[[Numbers], float | None]) -> Estimate:
    """A statistic of weights with its percentile bootstrap interval: the cases are drawn anew, with repetition.

    The draws are seeded: the same cases give the same interval. Source: Efron and Tibshirani (1993), chapter 13.
    """
    return resampled_together(count, lambda weights: [statistic(weights)])[0]


def resampled_together(count: int, statistics: Callable[[Numbers], Sequence[float | None]]) -> list[Estimate]:
    """Several statistics, each with its interval, of the same draws."""
    values = statistics(np.ones(count))
    draws = np.random.default_rng(SEED)
    equal = np.full(count, 1 / count) if count else np.empty(0)
    drawn = [statistics(draws.multinomial(count, equal).astype(np.float64)) for _ in range(RESAMPLES)] if count else []
    return [_with_interval(value, [each[place] for each in drawn]) for place, value in enumerate(values)]


def _with_interval(value: float | None, drawn: Sequence[float | None]) -> Estimate:
    known = [each for each in drawn if each is not None]
    if value is None or not known:
        return Estimate(value)
    low, high = np.percentile(known, LEVEL)
    return Estimate(value, float(low), float(high))


def auc_with_interval(labels: Numbers, scores: Numbers) -> Estimate:
    """ROC AUC with its interval."""
    return resampled(len(labels), lambda weights: auc(labels, scores, weights))


def auc_gain(labels: Numbers, scores: Numbers, others: Numbers) -> Estimate:
    """How much higher the AUC of one score is than that of another, on the same customers (paired)."""

    def gain(weights: Numbers) -> float | None:
        mine, theirs = auc(labels, scores, weights), auc(labels, others, weights)
        return None if mine is None or theirs is None else mine - theirs

    return resampled(len(labels), gain)


def brier(labels: Numbers, probabilities: Numbers) -> float | None:
    """Mean squared error of the probabilities."""
    return float(np.mean((probabilities - labels) ** 2)) if len(labels) else None


def log_loss(labels: Numbers, probabilities: Numbers) -> float | None:
    """Mean negative log likelihood (natural logarithm)."""
    if not len(labels):
        return None
    bounded = np.clip(probabilities, _EPSILON, 1 - _EPSILON)
    return float(-np.mean(labels * np.log(bounded) + (1 - labels) * np.log(1 - bounded)))


def calibration(labels: Numbers, probabilities: Numbers, bins: int = 10) -> list[Bin]:
    """By equal steps of the probability: what was said, and how often it happened; empty steps are left out."""
    steps = np.minimum((probabilities * bins).astype(int), bins - 1)
    found = []
    for step in range(bins):
        inside = steps == step
        if inside.any():
            said, happened = float(probabilities[inside].mean()), float(labels[inside].mean())
            found.append(Bin(step / bins, (step + 1) / bins, int(inside.sum()), said, happened))
    return found


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """By how much what was said differs from what happened, on average over all cases (expected calibration error)."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.predicted - each.observed) for each in bins) / total if total else None


def lift(labels: Numbers, scores: Numbers) -> list[Decile]:
    """By tenths of the customers, the highest scores first: how often it happened, over the average."""
    if not len(labels) or not labels.sum():
        return []
    order = np.argsort(-scores, kind="stable")
    average = float(labels.mean())
    return [
        Decile(number, len(part), float(labels[part].mean()), float(labels[part].mean()) / average)
        for number, part in enumerate(np.array_split(order, 10), start=1)
        if len(part)
    ]


def numbers(values: Sequence[float]) -> Numbers:
    """Values as numpy wants them."""
    return np.asarray(values, dtype=np.float64)
