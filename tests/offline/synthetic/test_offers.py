"""In a shop whose tastes are known, policies learn them; where there is nothing to learn, nothing is gained."""

from statistics import mean

import pytest

from benchmarks.offers import POLICIES, TRUTHS, plan_of, year
from streamproc.offline.synthetic.offers import simulate

PERSONAL, ALIKE = TRUTHS
CHOICES = 500


@pytest.mark.slow
@pytest.mark.parametrize("policy", list(POLICIES)[2:])
def test_a_policy_that_learns_loses_less_than_half_of_what_the_shops_word_loses(policy: str) -> None:
    by_word = year(PERSONAL, "epsilon-greedy by the shop's word", 1, CHOICES)
    learned = year(PERSONAL, policy, 1, CHOICES)
    assert learned.regret[-1] < by_word.regret[-1] / 2
    late, early = learned.regret[-1] - learned.regret[-100], learned.regret[99]
    assert late < early


@pytest.mark.slow
def test_where_all_like_the_same_nobody_beats_the_best_single_offer() -> None:
    found = year(ALIKE, "thompson", 1, CHOICES)
    assert found.best == pytest.approx(found.single)
    assert found.chances < found.single


def test_the_same_seed_is_the_same_year_and_policies_meet_the_same_customers() -> None:
    thompson = plan_of(POLICIES["thompson"], TRUTHS[PERSONAL])
    at_random = plan_of(POLICIES["at random"], TRUTHS[PERSONAL])
    first, again, other = (list(simulate(plan, TRUTHS[PERSONAL], 3, 120)) for plan in (thompson, thompson, at_random))
    assert first == again
    assert [each.best for each in first] == [each.best for each in other]
    assert all(each.regret >= 0 for each in first)


def test_rewards_are_those_that_the_chances_promise() -> None:
    done = list(simulate(plan_of(POLICIES["at random"], TRUTHS[PERSONAL]), TRUTHS[PERSONAL], 5, 1000))
    wanted = mean(each.chance for each in done)
    assert mean(each.reward for each in done) == pytest.approx(wanted, abs=4 * (wanted * (1 - wanted) / 1000) ** 0.5)
    by_chance = mean(each.reward / each.decision.propensity / 6 for each in done)
    assert by_chance == pytest.approx(mean(each.reward for each in done))
