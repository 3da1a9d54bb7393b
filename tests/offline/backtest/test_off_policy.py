"""Off-policy values: too thin a log is refused, and what is known of them without simulation holds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.backtest.judging import numbers
from streamproc.offline.backtest.off_policy.bernstein import bound_of
from streamproc.offline.backtest.off_policy.estimators import Terms, corrected
from streamproc.offline.backtest.off_policy.floor import Floor, effective_size
from streamproc.offline.backtest.off_policy.logged import Logged
from streamproc.offline.backtest.off_policy.reward_model import means_of, strength_of
from streamproc.offline.backtest.off_policy.switching import limit_of
from streamproc.offline.backtest.off_policy.target import Target
from streamproc.offline.backtest.off_policy.value import Asked, PolicyValue, value_of
from tests.offline.backtest.bandit import bandit

ESTIMATORS = ("ips", "snips", "direct", "doubly_robust", "switched")


def logged(rewards: list[float], propensities: list[float], cells: list[int] | None = None) -> Logged:
    of = np.asarray(cells or [0] * len(rewards), dtype=np.intp)
    return Logged(numbers(rewards), numbers(propensities), of, int(of.max(initial=0)) + 1)


def valued(rewards: list[float], propensities: list[float], chances: list[float], floor: Floor | None = None,
           ) -> PolicyValue:  # fmt: skip
    log = logged(rewards, propensities)
    situations = np.zeros(len(log), dtype=np.intp)
    target = Target("another", numbers(chances), situations, situations[:1], situations[:1], numbers([1.0]))
    return value_of(log, target, Asked(floor or Floor()))


def test_the_logged_policy_s_value_is_the_mean_reward() -> None:
    rewards, propensities = [0.0, 1.0, 1.0, 0.0] * 100, [0.5, 0.5, 0.9, 0.1] * 100
    found = valued(rewards, propensities, propensities)
    assert found.effective == 400
    assert found.ips == found.snips == found.doubly_robust == found.switched
    assert found.ips is not None
    assert found.ips.value == 0.5


def test_snips_does_not_change_when_all_rewards_are_the_same() -> None:
    found = valued([1.0] * 400, [0.2, 0.8] * 200, [0.5, 0.5] * 200)
    assert found.snips is not None
    assert (found.snips.value, found.snips.low, found.snips.high) == (1.0, 1.0, 1.0)


def test_an_estimate_that_rests_on_too_few_decisions_is_refused_with_the_reason() -> None:
    found = valued([1.0] * 500, [0.9] * 450 + [0.1] * 50, [0.0] * 450 + [1.0] * 50)
    assert all(getattr(found, name) is None for name in (*ESTIMATORS, "bound", "limit"))
    assert found.refused is not None
    assert "would rest on 50 decisions of 500; at least 100 are needed" in found.refused


def test_the_floor_grows_with_the_log() -> None:
    found = valued([1.0] * 20_000, [0.99] * 19_850 + [0.01] * 150, [0.0] * 19_850 + [1.0] * 150)
    assert found.refused is not None
    assert "at least 200 are needed" in found.refused


def test_the_floor_is_a_setting() -> None:
    few = ([1.0] * 500, [0.9] * 450 + [0.1] * 50, [0.0] * 450 + [1.0] * 50)
    assert valued(*few, Floor(decisions=50)).refused is None
    assert valued(*few, Floor(decisions=50, share=0.2)).refused is not None


@pytest.mark.parametrize(("reward", "propensity", "said"), [(1.0, 0.0, "probability 0"), (1.5, 0.5, "between 0 and 1")])
def test_what_no_log_can_hold_is_an_error_of_the_log(reward: float, propensity: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        logged([reward], [propensity])


@given(st.lists(st.floats(0.001, 1_000), min_size=1, max_size=50))
def test_the_effective_size_is_between_one_and_the_number_of_weights(weights: list[float]) -> None:
    size = effective_size(numbers(weights))
    assert 1 - 1e-9 <= size <= len(weights) * (1 + 1e-9)
    assert effective_size(numbers(weights) * 7) == pytest.approx(size)


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=2, max_size=200), st.floats(1, 100))
def test_the_bound_holds_the_mean_and_grows_with_the_largest_term(terms: list[float], largest: float) -> None:
    narrow, wide = bound_of(numbers(terms), largest), bound_of(numbers(terms), largest * 2)
    mean = float(np.mean(terms))
    assert 0 <= wide.low <= narrow.low <= mean + 1e-12
    assert mean - 1e-12 <= narrow.high <= wide.high <= largest * 2


def test_a_largest_weight_that_was_exceeded_is_told() -> None:
    with pytest.raises(ValueError, match=r"a weight of 3\.0 was seen, so 2\.0 is not the largest one"):
        bound_of(numbers([3.0, 0.0]), 2.0)


def test_means_that_differ_by_chance_alone_are_the_overall_mean_and_clear_ones_stay() -> None:
    alike = logged([0.0, 1.0] * 100, [0.5] * 200, [0] * 100 + [1] * 100)
    assert strength_of(alike) == np.inf
    assert means_of(alike, np.ones(200), np.inf) == pytest.approx([0.5, 0.5])
    apart = logged([0.0] * 95 + [1.0] * 105, [0.5] * 200, [0] * 100 + [1] * 100)
    assert strength_of(apart) < 1
    assert means_of(apart, np.ones(200), strength_of(apart)) == pytest.approx([0.05, 1.0], abs=0.01)


def test_a_cell_that_nobody_was_in_has_the_overall_mean() -> None:
    log = replace(logged([0.0, 1.0], [0.5] * 2, [0, 1]), cell_count=3)
    assert means_of(log, np.ones(2), 0.0).tolist() == [0.0, 1.0, 0.5]


def test_decisions_with_the_same_chances_are_one_situation() -> None:
    mixes = [{0: 0.5, 1: 0.5}, {1: 1.0}, {1: 0.5, 0: 0.5}]
    target = Target.of("any", mixes, np.asarray([0, 0, 1]))
    assert target.situations.tolist() == [0, 1, 0]
    assert target.chances.tolist() == [0.5, 0.0, 0.5]
    assert target.expected(numbers([0.2, 0.6])) == pytest.approx([0.4, 0.6, 0.4])


@given(st.lists(st.floats(0, 50), min_size=3, max_size=60).filter(any), st.integers(0, 1_000))
def test_switch_is_doubly_robust_at_the_largest_weight_and_direct_below_the_least(weights: list[float], seed: int
                                                                                  ) -> None:  # fmt: skip
    dice = np.random.default_rng(seed)
    rewards, said, expected = dice.random((3, len(weights)))
    terms = Terms(rewards, numbers(weights), said, expected)
    assert corrected(terms, max(weights)) == pytest.approx(corrected(terms))
    assert corrected(terms, -1.0) == pytest.approx(expected)
    assert 0 < limit_of(terms) <= max(weights)


def test_a_weight_that_ruins_the_estimate_is_left_to_the_model() -> None:
    weights = numbers([1.0] * 999 + [400.0])
    terms = Terms(numbers([0.0, 1.0] * 500), weights, np.full(1_000, 0.5), np.full(1_000, 0.5))
    assert limit_of(terms) == 400.0  # the model may be wrong by 1, where the policy is four tenths of the time
    thin = replace(terms, weights=numbers([1.0] * 999 + [20.0]), rewards=numbers([0.5] * 999 + [1.0]))
    assert limit_of(thin) <= 20.0


def test_all_estimators_agree_where_the_policy_is_the_one_that_logged() -> None:
    world = bandit()
    log, target = replace(world, wanted=world.logging).play(4_000, seed=1)
    found = value_of(log, target)
    mean = float(log.rewards.mean())
    assert found.effective == pytest.approx(4_000)
    for name in ESTIMATORS:
        assert getattr(found, name).value == pytest.approx(mean, abs=0.01), name
    assert found.ips == found.snips
