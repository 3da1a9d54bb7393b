"""A model of numbers goes back and comes back by itself as one of probabilities does: by its own loss."""

from functools import cache
from random import Random

import pytest

from streamproc.learn.learner import new_learner
from streamproc.models.health.beside import BLOCK, Baseline, BesideBaseline, RunningMean, RunningMedian
from streamproc.models.health.watched import WatchedMetrics
from streamproc.models.kinds.amount import AmountPrediction
from tests.builders import ASKED
from tests.learn.shop_of_numbers import NUMBERS, SAID, TRUTHS, Shop, Truth

KINDS = pytest.mark.parametrize("kind", NUMBERS)
MEASURES = {"amount": "the squared error is", "next_order": "the absolute error is"}
GOOD, POISONED, MENDED = 8, 7, 14
"""Blocks of answers."""


def of_somebody_else(kind: str) -> Truth:
    """What happens has nothing to do with what is known of the customer."""
    return lambda dice, _: TRUTHS[kind](dice, max(-2.0, min(2.0, dice.gauss(0, 1))))


@cache
def poisoned(kind: str, *, restarts: bool = False) -> Shop:
    shop = Shop(kind, 1)
    for blocks, truth in ((GOOD, None), (POISONED, of_somebody_else(kind)), (MENDED, None)):
        for _ in range(blocks):
            shop.open(1, truth)
            if restarts:
                shop.learning.restart()
    return shop


def number(version: str | None) -> int:
    return int((version or "-0").rpartition("-")[2])


@KINDS
@pytest.mark.parametrize("seed", range(3))
def test_a_model_of_numbers_that_is_better_than_the_same_for_everybody_stays(kind: str, seed: int) -> None:
    assert Shop(kind, seed).open(12).acts == []


@KINDS
def test_a_model_whose_answers_are_mixed_up_goes_back_and_comes_back_when_they_are_right_again(kind: str) -> None:
    shop = poisoned(kind)
    away, back = shop.acts
    assert (away.action, back.action) == ("retreat", "return")
    assert 0 < number(away.to_version) <= GOOD * BLOCK
    assert number(away.newest_version) > GOOD * BLOCK
    assert MEASURES[kind] in away.reason
    assert number(back.to_version) > (GOOD + POISONED) * BLOCK
    gone = [place for place, version in enumerate(shop.counts) if version == away.to_version and place > GOOD * BLOCK]
    assert set(shop.counts[gone[0] : gone[-1] + 1]) == {away.to_version}
    assert number(shop.counts[-1]) >= number(back.to_version)


@KINDS
def test_a_learner_of_numbers_that_is_taken_over_retreats_alike(kind: str) -> None:
    assert poisoned(kind, restarts=True).learning.written == poisoned(kind).learning.written


def test_what_was_learned_of_amounts_in_another_unit_is_not_said_any_more() -> None:
    shop = Shop("amount", 1).open(GOOD).open(GOOD, lambda dice, orders: 50 * TRUTHS["amount"](dice, orders)).open(22)
    assert {act.action for act in shop.acts} == {"retreat"}
    assert (shop.acts[-1].to_version, shop.counts[-1]) == (None, None)


@pytest.mark.parametrize(("baseline", "constant"), [(RunningMean, 3.0), (RunningMedian, 2.0)])
def test_a_baseline_knows_the_blocks_before_and_before_the_first_nothing(
    baseline: type[Baseline], constant: float
) -> None:
    beside = BesideBaseline(baseline())
    for place in range(BLOCK):
        assert beside.observe(-1.0, 2.0 if place % 5 else 7.0) == (place == BLOCK - 1)
    assert (beside.is_good, beside.worse, beside.last_loss) == (False, 0, -1)
    assert beside.baseline.constant == pytest.approx(constant, rel=0.01)
    for place in range(BLOCK):
        beside.observe(-1.0, 2.0 if place % 5 else 7.0)
    assert (beside.is_good, beside.worse) == (False, 1)
    for place in range(BLOCK):
        beside.observe(2.0 if place % 5 else 7.0, 2.0 if place % 5 else 7.0)
    assert (beside.is_good, beside.better) == (True, 1)


def test_a_mean_follows_what_happens_and_no_single_order_makes_it_a_bad_one() -> None:
    mean, dice = RunningMean(), Random(1)
    for block in range(40):
        for place in range(BLOCK):
            mean.hear(dice.gauss(100 if block < 20 else 200, 10) + (50_000 if (block, place) == (10, 0) else 0))
        mean.settle()
        if block == 10:
            assert 100 < mean.constant < 120
    assert 180 < mean.constant < 200


def test_no_median_is_above_all_that_happened() -> None:
    median = RunningMedian()
    for _ in range(BLOCK):
        median.hear(90.0)
    median.settle()
    assert median.constant == 90


def test_another_question_under_the_same_name_is_judged_by_its_own_loss_and_is_waited_for() -> None:
    learner = new_learner("churn", ASKED["churn"])
    assert isinstance(learner.health, WatchedMetrics)
    learner.health.judge.is_away = True
    learner.resume(NUMBERS["amount"])
    assert isinstance(learner.health, WatchedMetrics)
    assert learner.is_away
    assert isinstance(learner.health.judge.beside.baseline, RunningMean)


def test_an_amount_between_low_and_high_is_judged_by_its_middle() -> None:
    said = SAID | {"of": "orders", "learner": {"kind": "quantile_regression"}}
    health = AmountPrediction.model_validate(said).new_metrics()
    assert isinstance(health.judge.training.baseline, RunningMedian)
