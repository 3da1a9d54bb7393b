"""Scores against what happened: the numbers are those of the textbook, and their intervals are steady."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.backtest.judging import (
    auc,
    auc_gain,
    auc_with_interval,
    brier,
    calibration,
    lift,
    log_loss,
    numbers,
)

cases = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])), max_size=30)


def by_pairs(labelled: list[tuple[bool, float]]) -> float | None:
    ones = [score for label, score in labelled if label]
    zeros = [score for label, score in labelled if not label]
    pairs = [(one > zero) + (one == zero) / 2 for one in ones for zero in zeros]
    return sum(pairs) / len(pairs) if pairs else None


@given(cases)
def test_auc_is_the_share_of_pairs_that_are_ranked_rightly_ties_half(labelled: list[tuple[bool, float]]) -> None:
    found = auc(numbers([label for label, _ in labelled]), numbers([score for _, score in labelled]))
    expected = by_pairs(labelled)
    assert found == (None if expected is None else pytest.approx(expected))


@given(cases, st.data())
def test_a_weight_counts_a_case_that_often(labelled: list[tuple[bool, float]], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(labelled), max_size=len(labelled)))
    repeated = [case for case, weight in zip(labelled, weights, strict=True) for _ in range(weight)]
    labels, scores = numbers([label for label, _ in labelled]), numbers([score for _, score in labelled])
    expected = by_pairs(repeated)
    assert auc(labels, scores, numbers(weights)) == (None if expected is None else pytest.approx(expected))


def some_scores(shift: float, count: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(1)
    labels = draws.integers(0, 2, count).astype(np.float64)
    return labels, draws.normal(0, 1, count) + shift * labels


def test_the_interval_holds_the_value_and_is_the_same_each_time() -> None:
    labels, scores = some_scores(0.8)
    found = auc_with_interval(labels, scores)
    assert found == auc_with_interval(labels, scores)
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.0101, rel=0.15)  # Hanley and McNeil (1982)


@pytest.mark.slow
def test_a_score_gains_nothing_over_itself_and_surely_over_noise() -> None:
    labels, scores = some_scores(0.8)
    noise = np.random.default_rng(2).normal(0, 1, len(labels))
    assert auc_gain(labels, scores, scores).high == 0
    assert (auc_gain(labels, scores, noise).low or 0) > 0.1


def test_errors_of_probabilities_are_those_of_the_definitions() -> None:
    labels, said = numbers([1, 0]), numbers([0.8, 0.4])
    assert brier(labels, said) == pytest.approx((0.04 + 0.16) / 2)
    assert log_loss(labels, said) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert log_loss(numbers([1]), numbers([0])) == pytest.approx(-np.log(1e-6))


def test_calibration_sets_what_was_said_beside_what_happened() -> None:
    bins = calibration(numbers([0, 1, 1, 1]), numbers([0.02, 0.08, 0.91, 1.0]))
    assert [(each.low, each.count, each.observed) for each in bins] == [(0.0, 2, 0.5), (0.9, 2, 1.0)]
    assert [each.predicted for each in bins] == pytest.approx([0.05, 0.955])


def test_lift_begins_with_the_highest_scores() -> None:
    deciles = lift(numbers([1] * 10 + [0] * 10), numbers(list(range(20, 0, -1))))
    assert [each.lift for each in deciles] == [2.0] * 5 + [0.0] * 5
    assert sum(each.count for each in deciles) == 20


def test_nothing_to_judge_gives_nothing() -> None:
    nothing = numbers([])
    assert auc_with_interval(nothing, nothing).value is None
    assert (brier(nothing, nothing), log_loss(nothing, nothing)) == (None, None)
    assert calibration(nothing, nothing) == []
    assert lift(nothing, nothing) == []
