"""Predictions beside churn are judged by what happened, and questions that are not due for everybody are left out."""

from typing import Any

import pytest

from streamproc.events.times import DAY_MS, rfc3339
from streamproc.models.config import ModelSettings
from streamproc.offline.backtest.predictions import PredictionResult, judge_predictions
from streamproc.offline.backtest.report.predictions import predictions_sections

FEATURES = ["log_orders"]
ASKED = ModelSettings.model_validate({
    "buys": {"kind": "event", "event": "order_placed", "ask_on": "cart_added", "horizon_days": 7, "features": FEATURES},
    "revenue": {"kind": "amount", "of": "net_revenue", "horizon_days": 28, "features": FEATURES},
    "next": {"kind": "next_order", "horizon_days": 28, "features": FEATURES},
}).predictions  # fmt: skip
THROUGH_MS = 400 * DAY_MS


def example(model: str, said: float | None, happened: float, day: int = 40) -> dict[str, Any]:
    return {"type": "example", "model": model, "asked_ms": day * DAY_MS, "score": said, "label": happened}


def forecast(model: str, value: float, low: float, high: float, day: int = 40) -> dict[str, Any]:
    return {"model": model, "at": rfc3339(day * DAY_MS), "value": value, "low": low, "high": high}


def judged(*examples: dict[str, Any], forecasts: tuple[dict[str, Any], ...] = ()) -> dict[str, PredictionResult]:
    return {each.prediction: each for each in judge_predictions(examples, forecasts, ASKED, THROUGH_MS)}


def test_probabilities_are_judged_by_their_ranking_and_at_their_word() -> None:
    found = judged(example("buys", 0.8, 1), example("buys", 0.2, 0), example("buys", 0.1, 1))["buys"].total
    assert found is not None
    assert (found.answers, found.auc) == (3, 0.5)
    assert found.brier == pytest.approx((0.04 + 0.04 + 0.81) / 3)
    assert found.bias is None


def test_numbers_are_judged_by_their_sum_and_beside_the_mean() -> None:
    found = judged(example("revenue", 10, 0), example("revenue", 30, 20))["revenue"].total
    assert found is not None
    assert (found.bias, found.squared_error_ratio, found.absolute_error, found.below) == (2, 1, 10, 1)


def test_intervals_are_judged_by_what_they_hold_and_beyond_the_horizon_nobody_knows_more() -> None:
    found = judged(
        example("next", 10, 12), example("next", 11, 25), example("next", 20, 28),
        forecasts=(forecast("next", 10, 2, 15), forecast("next", 11, 2, 15), forecast("next", 20, 9, 80)),
    )["next"].total  # fmt: skip
    assert found is not None
    assert found.covered == pytest.approx(2 / 3)
    assert found.bias is None


def test_what_was_not_scored_or_is_not_due_for_everybody_is_left_out_and_counted() -> None:
    found = judged(example("revenue", None, 3), example("revenue", 5, 3, day=380), example("gone", 1, 1))["revenue"]
    assert (found.total, found.not_scored, found.not_yet_due) == (None, 1, 1)


def test_each_is_a_card_of_the_page_and_without_any_there_is_no_section() -> None:
    page = "".join(predictions_sections(list(judged(example("buys", 0.8, 1), example("next", 3, 2)).values())))
    assert "buys: said and happened by month (share, mean)" in page
    assert "revenue: said and happened by month (net revenue, mean)" in page
    assert "Nothing was predicted before its answer was known" in page
    assert not list(predictions_sections([]))
