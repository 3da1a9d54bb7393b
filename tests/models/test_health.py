"""Calibration, lift, features that move, and the newest scores beside the base rate: as counted by hand."""

from math import log
from random import Random
from typing import Any

import orjson
import pytest

from streamproc.events.times import DAY_MS
from streamproc.events.training import Example
from streamproc.models.as_data.kinds import part
from streamproc.models.as_data.known import know_kinds
from streamproc.models.health.beside import BLOCK
from streamproc.models.health.calibration import ScoreHistogram
from streamproc.models.health.progressive import ProgressiveMetrics
from streamproc.models.health.recent import RecentScores
from streamproc.models.health.stability import BLOCK as FEATURE_BLOCK
from streamproc.models.health.stability import LEAST_REFERENCE, MAX_REFERENCES, Deciles, FeatureStability

know_kinds()
SHAPE = part("FeatureStability")


def histogram(*seen: tuple[float, int]) -> ScoreHistogram:
    found = ScoreHistogram()
    for score, label in seen:
        found.observe(score, label)
    return found


def test_scores_that_mean_what_they_say_have_no_calibration_error() -> None:
    assert histogram(*[(0.25, 0)] * 3, (0.25, 1)).calibration_error() == 0
    assert histogram().calibration_error() is None


def test_the_calibration_error_is_the_mean_distance_by_tenths() -> None:
    found = histogram((0.92, 0), (0.98, 0), (0.1, 1), (0.11, 0)).calibration_error()
    assert found == pytest.approx((abs(0 - 1.9) + abs(1 - 0.21)) / 4)


def test_a_score_of_one_is_in_the_last_bin() -> None:
    assert histogram((1.0, 1)).calibration_error() == 0


def test_the_lift_is_that_of_the_tenth_with_the_highest_scores() -> None:
    best = [(0.9, 1)] * 8 + [(0.9, 0)] * 2
    assert histogram(*best, *[(0.2, 0)] * 82, *[(0.2, 1)] * 8).top_decile_lift() == pytest.approx(0.8 / 0.16)
    assert histogram((0.5, 0)).top_decile_lift() is None


def test_where_all_scores_are_alike_there_is_no_lift() -> None:
    assert histogram(*[(0.5, 1), (0.5, 0)] * 50).top_decile_lift() == pytest.approx(1)


def test_the_newest_scores_are_judged_in_blocks_beside_the_rate_of_the_block_before() -> None:
    recent = RecentScores()
    for _ in range(BLOCK):
        recent.observe(0.5, 1)
    assert recent.values()["recent_log_loss"] == pytest.approx(log(2), abs=1e-6)
    assert recent.values()["score_spread"] == 0
    assert recent.beside.worse == 0
    for _ in range(BLOCK):
        recent.observe(0.5, 1)
    assert recent.values()["recent_base_log_loss"] == pytest.approx(-log((BLOCK + 1) / (BLOCK + 2)), abs=1e-6)
    assert recent.beside.worse == 1


def drawn(dice: Random, **means: float) -> dict[str, float]:
    return {name: dice.gauss(mean, 1) for name, mean in means.items()}


def test_features_that_stay_have_a_small_index_and_one_that_moves_is_named() -> None:
    dice, found = Random(1), FeatureStability()
    for number in range(3 * FEATURE_BLOCK):
        moved = 1.5 if number >= 2 * FEATURE_BLOCK else 0
        found.observe(drawn(dice, stays=3, moves=moved) | {"zero": 0.0}, "m-1" if number >= FEATURE_BLOCK else "")
        if number == FEATURE_BLOCK - 1:
            found.released("m-1")
        if number == 2 * FEATURE_BLOCK - 1:
            assert 0 < found.index < 0.1
    assert found.notes() == {"psi": "moves, beside m-1"}
    assert found.index > 0.25


def drifting(blocks: int, versions: dict[int, str], *, restarts: bool = False) -> list[tuple[float, str]]:
    """A feature moves a tenth of its deviation a block, and each block ends with a release; the index after each.

    `versions`: from which block on which version scores.
    """
    dice, found, indexes, version = Random(7), FeatureStability(), [], ""
    for block in range(blocks):
        version = versions.get(block, version)
        for number in range(FEATURE_BLOCK):
            found.observe(drawn(dice, age=5 + block / 10, other=0), version)
            if restarts and number % 400 == 7:
                found = SHAPE.from_data(orjson.loads(orjson.dumps(SHAPE.to_data(found))), "")
        found.released(f"m-{block:03d}")
        indexes.append((found.index, found.beside))
    return indexes


def test_a_slow_drift_away_from_a_frozen_version_is_found_though_each_block_is_like_the_one_before() -> None:
    frozen = drifting(12, {2: "m-001"})
    followed = drifting(12, {block: f"m-{block - 1:03d}" for block in range(2, 12)})
    assert {beside for _, beside in frozen[2:]} == {"m-001"}
    assert max(index for index, _ in followed) < 0.1
    assert [index > 0.25 for index, _ in frozen] == [False] * 6 + [True] * 6


def test_after_a_roll_back_the_reference_is_that_of_the_version_that_counts_again() -> None:
    found = drifting(12, {block: f"m-{block - 1:03d}" for block in range(2, 10)} | {10: "m-002", 11: "m-008"})
    assert [beside for _, beside in found[8:]] == ["m-007", "m-008", "m-002", "m-008"]
    assert [index > 0.25 for index, _ in found[8:]] == [False, False, True, False]


def test_a_restart_in_between_changes_nothing() -> None:
    versions = {2: "m-001", 4: "m-003", 6: "m-001"}
    assert drifting(8, versions, restarts=True) == drifting(8, versions)


def test_of_many_versions_few_are_known_and_the_one_that_counts_stays_among_them() -> None:
    dice, found = Random(3), FeatureStability()
    for number in range(40 * FEATURE_BLOCK):
        found.observe({"one": dice.random()}, "m-00500" if number >= FEATURE_BLOCK else "")
        if number % 500 == 499:
            found.released(f"m-{number + 1:05d}")
            assert len(found.references) <= MAX_REFERENCES
    assert found.beside == "m-00500"
    assert list(found.references)[-8:] == [f"m-{number:05d}" for number in range(36_500, 40_500, 500)]
    assert found.index < 0.1


def test_versions_of_a_question_before_are_known_still_and_thinned_out_as_others() -> None:
    before, found = FeatureStability(), FeatureStability()
    for number in range(40):
        stability = before if number < 20 else found
        if number == 20:
            found.go_on_from(before)
        for _ in range(LEAST_REFERENCE):
            stability.observe({"one": 1.0}, "m-000" if number else "")
        stability.released(f"m-{number:03d}")
    assert len(found.references) == MAX_REFERENCES
    assert next(iter(found.references)) == "m-000"
    assert found.beside == "m-000"


def test_a_version_that_knows_few_examples_says_nothing_of_what_is_normal() -> None:
    found = FeatureStability()
    for number in range(FEATURE_BLOCK):
        found.observe({"one": float(number)}, "m-1")
        if number == LEAST_REFERENCE - 2:
            found.released("m-1")
    assert (found.references, found.values(), found.notes()) == ({}, {}, {})


def test_the_index_of_the_same_values_is_nothing() -> None:
    assert Deciles.of({1: 10, 2: 20}).stability_index({1: 10, 2: 20}) == 0
    assert Deciles.of({1: 10}).stability_index({5: 10}) == 0  # one bin is all there is


def test_no_value_makes_the_grid_large() -> None:
    found = FeatureStability()
    for number in range(900):
        found.observe({"any": (-1) ** number * 10.0 ** (number - 450) if number < 700 else float("inf")}, "")
    found.observe({"any": float("nan")}, "")
    assert len(found.grid["any"]) <= 170


def example(**changes: Any) -> Example:
    plain: dict[str, Any] = {
        "model": "churn", "subject": "s", "asked_ms": 0, "answered_ms": 2 * DAY_MS, "features": {"log_orders": 1.0},
        "label": 1, "score": 0.9, "model_version": "churn-1",
    }  # fmt: skip
    return Example(**plain | changes)


def test_the_card_has_what_is_known_and_nothing_else() -> None:
    metrics = ProgressiveMetrics()
    assert metrics.values() == {}
    metrics.observe(example())
    metrics.observe(example(answered_ms=4 * DAY_MS, score=None))
    values = metrics.values()
    assert values["label_delay_days"] == 3
    assert values["calibration_error"] == pytest.approx(0.1)
    assert values["top_decile_lift"] == 1
    assert not {"psi", "recent_log_loss", "drift_at"} & values.keys()
    for _ in range(2 * FEATURE_BLOCK):
        metrics.observe(example())
        metrics.stability.released("churn-1")
    assert metrics.values()["psi"] == 0
    assert metrics.notes() == {"psi": "log_orders, beside churn-1"}
