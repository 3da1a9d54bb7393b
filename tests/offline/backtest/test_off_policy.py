"""Off-policy values: on Open Bandit they are those that its authors' log gives, and too thin a log is refused."""

import csv
import gzip
from pathlib import Path

import pytest

from streamproc.offline.backtest.off_policy import value_of

DATA = Path(__file__).parents[3] / "data"


def test_thompson_sampling_on_the_random_log_of_open_bandit_has_the_known_value() -> None:
    with (DATA / "golden" / "open_bandit_bts_probabilities.csv").open(newline="", encoding="utf-8") as file:
        of_thompson = {row["item_id"]: row for row in csv.DictReader(file)}
    with gzip.open(DATA / "open_bandit_random_all.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = value_of(
        "Bernoulli Thompson sampling",
        [float(row["click"]) for row in rows],
        [float(row["propensity_score"]) for row in rows],
        [float(of_thompson[row["item_id"]][f"position_{row['position']}"]) for row in rows],
    )
    assert found.refused is None
    assert found.ips is not None
    assert found.ips.value == pytest.approx(0.004553, abs=5e-7)
    assert found.effective == pytest.approx(1_640, abs=1)
    assert (found.ips.low or 0) < 0.0042 < (found.ips.high or 0)  # what the policy earned itself


def test_the_logged_policy_s_value_is_the_mean_reward() -> None:
    rewards, propensities = [0.0, 1.0, 1.0, 0.0] * 100, [0.5, 0.5, 0.9, 0.1] * 100
    found = value_of("as logged", rewards, propensities, propensities)
    assert found.effective == 400
    assert found.ips == found.snips
    assert found.ips is not None
    assert found.ips.value == 0.5


def test_snips_does_not_change_when_all_rewards_are_the_same() -> None:
    found = value_of("another", [1.0] * 400, [0.2, 0.8] * 200, [0.5, 0.5] * 200)
    assert found.snips is not None
    assert (found.snips.value, found.snips.low, found.snips.high) == (1.0, 1.0, 1.0)


def test_an_estimate_that_rests_on_too_few_decisions_is_refused_with_the_reason() -> None:
    found = value_of("never logged", [1.0] * 500, [0.9] * 450 + [0.1] * 50, [0.0] * 450 + [1.0] * 50)
    assert (found.ips, found.snips) == (None, None)
    assert found.refused is not None
    assert "would rest on 50 decisions of 500; at least 100 are needed" in found.refused


def test_the_floor_grows_with_the_log() -> None:
    found = value_of("rare", [1.0] * 20_000, [0.99] * 19_850 + [0.01] * 150, [0.0] * 19_850 + [1.0] * 150)
    assert found.refused is not None
    assert "at least 200 are needed" in found.refused


def test_a_propensity_of_zero_is_an_error_of_the_log() -> None:
    with pytest.raises(ValueError, match="probability 0"):
        value_of("any", [1.0], [0.0], [1.0])
