"""Laws of the estimators where the truth is known: intervals cover it, and one right half of two is enough."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from streamproc.offline.backtest.judging import Numbers
from streamproc.offline.backtest.off_policy.estimators import Terms, doubly_robust, ips, switched
from streamproc.offline.backtest.off_policy.value import PolicyValue, value_of
from tests.offline.backtest.bandit import Bandit, bandit

ESTIMATORS = ("ips", "snips", "direct", "doubly_robust", "switched")


def covering(world: Bandit, runs: int, decisions: int) -> dict[str, float]:
    """How often each interval holds the truth, and the bound's under `bound`."""
    values = [value_of(*world.play(decisions, seed)) for seed in range(runs)]
    return {
        name: float(np.mean([_holds(value, name, world.truth) for value in values])) for name in (*ESTIMATORS, "bound")
    }


def _holds(value: PolicyValue, name: str, truth: float) -> bool:
    found = getattr(value, name)
    return bool(found.low <= truth <= found.high)


@pytest.mark.slow
def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    found = covering(bandit(), runs=60, decisions=1_000)
    assert all(found[name] >= 0.86 for name in ESTIMATORS), found  # 93 % of 60, less three standard errors
    assert found["bound"] == 1.0


def mean_and_error(estimate: Callable[[int], float], runs: int = 400) -> tuple[float, float]:
    found = [estimate(seed) for seed in range(runs)]
    return float(np.mean(found)), float(np.std(found) / runs**0.5)


def terms(world: Bandit, seed: int, model: Numbers, wrong: float = 1.0) -> Terms:
    """A log of 500 decisions with this model, shape (situations, actions); `wrong` bends the propensities."""
    log, target = world.play(500, seed)
    weights = target.chances / log.propensities**wrong
    return Terms(log.rewards, weights, model.ravel()[log.cells], target.expected(model.ravel()))


def test_doubly_robust_is_right_with_a_wrong_model_and_right_propensities() -> None:
    world = bandit()
    wrong_model = 1 - world.rewards
    mean, error = mean_and_error(lambda seed: doubly_robust(terms(world, seed, wrong_model), np.ones(500)))
    assert abs(mean - world.truth) < 3 * error
    direct, _ = mean_and_error(lambda seed: float(terms(world, seed, wrong_model).expected.mean()), runs=20)
    assert abs(direct - world.truth) > 10 * error


def test_doubly_robust_is_right_with_a_right_model_and_wrong_propensities() -> None:
    world = bandit()
    mean, error = mean_and_error(lambda seed: doubly_robust(terms(world, seed, world.rewards, 0.7), np.ones(500)))
    assert abs(mean - world.truth) < 3 * error
    by_weights, _ = mean_and_error(lambda seed: ips(terms(world, seed, world.rewards, 0.7), np.ones(500)), runs=20)
    assert abs(by_weights - world.truth) > 10 * error


def test_switch_is_right_with_a_right_model_whatever_the_limit() -> None:
    world = bandit()
    for limit in (0.5, 1.0, 2.0):
        mean, error = mean_and_error(
            lambda seed, limit=limit: switched(terms(world, seed, world.rewards), np.ones(500), limit)  # type: ignore[misc]
        )
        assert abs(mean - world.truth) < 3 * error


def test_ips_is_right_on_average() -> None:
    world = bandit()
    mean, error = mean_and_error(lambda seed: ips(terms(world, seed, world.rewards), np.ones(500)))
    assert abs(mean - world.truth) < 3 * error


def test_the_doubly_robust_interval_is_narrower_where_the_model_is_good() -> None:
    world = bandit()
    sharp = replace(world, rewards=np.where(world.rewards > 0.3, 0.95, 0.05))
    value = value_of(*sharp.play(2_000, seed=5))
    assert _width(value, "doubly_robust") < 0.7 * _width(value, "ips")


def _width(value: PolicyValue, name: str) -> float:
    found = getattr(value, name)
    return float(found.high - found.low)
