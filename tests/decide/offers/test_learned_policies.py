"""Policies choose by what is known and by how well: their chances are those that they promise."""

from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.draw import uniform
from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies import KINDS, OfferPolicy
from streamproc.decide.offer_policies.lin_ucb import LinUcb
from streamproc.decide.offer_policies.softmax import Softmax
from streamproc.decide.offer_policies.thompson import Thompson, chances_of_being_highest
from streamproc.decide.offer_rule import OfferRule
from streamproc.models.scorer import Estimate
from tests.trying import tried

WITH_MODEL = {"model": "offer_reward"}
numbers = st.integers(-1000, 1000).map(lambda number: number / 10)
estimates = st.builds(Estimate, numbers, st.floats(0.01, 50) | st.just(0.0))
all_policies = st.sampled_from(sorted(KINDS)).map(lambda kind: KINDS[kind].model_validate({"kind": kind} | WITH_MODEL))


def candidates(*known: Estimate) -> list[OfferCandidate]:
    return [OfferCandidate(OfferRule(id=f"o{number}", content="c"), estimate) for number, estimate in enumerate(known)]


@tried(100)
@given(all_policies, st.lists(estimates, min_size=1, max_size=8))
def test_chances_are_a_distribution_over_the_candidates(policy: OfferPolicy, known: list[Estimate]) -> None:
    among = candidates(*known)
    chances = policy.chances(among)
    assert list(chances) == [each.offer.id for each in among]
    assert sum(chances.values()) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in chances.values())
    assert policy.chances(among) == chances


@tried(60)
@given(all_policies, st.lists(estimates, min_size=2, max_size=6))
def test_each_candidate_is_explored(policy: OfferPolicy, known: list[Estimate]) -> None:
    share = getattr(policy, "explore", getattr(policy, "epsilon", 0.0))
    assert min(policy.chances(candidates(*known)).values()) >= share / len(known) - 1e-12 > 0


@tried(60)
@given(all_policies, st.lists(estimates, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_count(policy: OfferPolicy, known: list[Estimate], dice: Random) -> None:
    among = candidates(*known)
    mixed = dice.sample(among, len(among))
    chances = policy.chances(mixed)
    for name, chance in policy.chances(among).items():
        assert chances[name] == pytest.approx(chance, abs=1e-9)


@pytest.mark.parametrize(
    "known",
    [
        [Estimate(0.3, 0.1), Estimate(0.25, 0.05), Estimate(0.1, 0.3)],
        [Estimate(0.3, 0.001), Estimate(0.3, 0.2), Estimate(0.29, 0.2)],
        [Estimate(0.0, 1.0)] * 8,
        [Estimate(1.0, 0.01), Estimate(0.9, 0.0), Estimate(0.0, 0.5)],
        [Estimate(0.2, 0.0), Estimate(0.1, 0.0)],
    ],
)
def test_thompson_chooses_each_as_often_as_it_is_the_highest_of_random_draws(known: list[Estimate]) -> None:
    dice, times, draws = Random(7), [0] * len(known), 40_000
    for _ in range(draws):
        drawn = [dice.gauss(*each) for each in known]
        times[drawn.index(max(drawn))] += 1
    for chance, counted in zip(chances_of_being_highest(known), times, strict=True):
        assert chance == pytest.approx(counted / draws, abs=0.02)


@tried(100)
@given(st.lists(estimates, min_size=2, max_size=5))
def test_thompson_is_near_the_truth_whatever_the_scales(known: list[Estimate]) -> None:
    dice, times, draws = Random(1), [0.0] * len(known), 2000
    for _ in range(draws):
        drawn = [dice.gauss(*each) for each in known]
        highest = [number for number, value in enumerate(drawn) if value == max(drawn)]
        for number in highest:
            times[number] += 1 / len(highest)
    for chance, counted in zip(chances_of_being_highest(known), times, strict=True):
        assert chance == pytest.approx(counted / draws, abs=0.08)


def test_very_many_alike_have_the_same_chance() -> None:
    for deviation in (0.0, 1.0):
        assert chances_of_being_highest([Estimate(0.0, deviation)] * 150) == pytest.approx([1 / 150] * 150)


def test_those_who_are_sure_and_equal_share_what_one_of_them_would_have() -> None:
    unsure, sure = Estimate(0.0, 1.0), Estimate(0.0, 0.0)
    assert chances_of_being_highest([unsure, sure]) == pytest.approx([0.5, 0.5])
    assert chances_of_being_highest([unsure, sure, sure, Estimate(-1.0, 0.0), sure]) == pytest.approx(
        [1 / 2, 1 / 6, 1 / 6, 0, 1 / 6]
    )


def test_lin_ucb_tries_what_is_hardly_known() -> None:
    chances = LinUcb(alpha=2, explore=0, model="m").chances(candidates(Estimate(0.5, 0.01), Estimate(0.2, 0.3)))
    assert chances == {"o0": 0.0, "o1": 1.0}
    chances = LinUcb(alpha=0, explore=0, model="m").chances(candidates(Estimate(0.5, 0.01), Estimate(0.2, 0.3)))
    assert chances == {"o0": 1.0, "o1": 0.0}


def test_softmax_has_the_odds_that_it_promises() -> None:
    chances = Softmax(temperature=0.5, explore=0).chances(candidates(Estimate(1, 0), Estimate(0, 9)))
    assert chances["o0"] / chances["o1"] == pytest.approx(exp(2))


def test_choices_come_as_often_as_their_propensity_says() -> None:
    known = candidates(Estimate(0.3, 0.1), Estimate(0.25, 0.05), Estimate(0.1, 0.3))
    chances, n = Thompson(model="m").chances(known), 20_000
    counted = dict.fromkeys(chances, 0)
    for number in range(n):
        point = uniform(f"topic/0/{number}")
        for name, chance in chances.items():
            point -= chance
            if point < 0:
                counted[name] += 1
                break
    for name, chance in chances.items():
        assert abs(counted[name] / n - chance) < 4 * (chance * (1 - chance) / n) ** 0.5
