"""Promotion of a policy, where the truth is known: a better one is, a worse or equal one hardly ever."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.offers import POLICIES, plan_of
from streamproc.decide.offer_candidate import candidate
from streamproc.decide.offer_policies import DEFAULT, KINDS, OfferPolicy
from streamproc.decide.offer_rule import OfferRule
from streamproc.offline.backtest import judging
from streamproc.offline.backtest.judging import Estimate
from streamproc.offline.backtest.off_policy.bernstein import Bound
from streamproc.offline.backtest.off_policy.promotion import NOBODY_SAW, Champion, Promotion, best_of, promotion_of
from streamproc.offline.backtest.off_policy.value import PolicyValue, value_of
from streamproc.offline.backtest.offer_policies import LoggedOffers, policies_of, whenever_possible
from streamproc.offline.backtest.policy_block import block_of, table_of
from streamproc.offline.synthetic.offers import simulate
from streamproc.offline.synthetic.taste import ALIKE, Taste, Truth

RUNS = 100
SAME = {name: Taste(-1.0) for name in ALIKE}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer resamples: the laws are about many logs, not about one interval's last digit."""
    monkeypatch.setattr(judging, "RESAMPLES", 100)


def at_random(truth: Truth, decisions: int, seed: int) -> tuple[list[dict[str, Any]], list[float]]:
    """A log of offers at random, and their rewards; customers as in the simulated shop."""
    dice = np.random.default_rng(seed)
    names = sorted(truth)
    mix = dict.fromkeys(names, 1 / len(names))
    chosen = [names[place] for place in dice.integers(len(names), size=decisions)]
    kinds = dice.choice((-1, 1), size=(decisions, 2))
    chances = [truth[name].chance(*kind) for name, kind in zip(chosen, kinds, strict=True)]
    log = [{"offer_id": name, "propensity": mix[name], "candidates": mix} for name in chosen]
    return log, [float(point < chance) for point, chance in zip(dice.random(decisions), chances, strict=True)]


def promoted(log: Sequence[Mapping[str, Any]], rewards: list[float], offer: str, margin: float = 0.0) -> Promotion:
    offers, name = LoggedOffers(log, rewards), whenever_possible(offer)
    target = offers.under(name, policies_of([offer], {})[name])
    return promotion_of(value_of(offers.log, target), Champion(float(np.mean(rewards)), margin))


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("truth", "offer"), [(ALIKE, "pet_idea"), (SAME, "solid")], ids=["worse", "equal"])
def test_a_worse_or_equal_policy_is_promoted_in_at_most_five_of_a_hundred_logs(truth: Truth, offer: str) -> None:
    found = [promoted(*at_random(truth, 700, seed), offer).promoted for seed in range(RUNS)]
    assert sum(found) <= 0.05 * RUNS


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_truly_better_policy_is_promoted_once_the_log_is_long_enough() -> None:
    found = [promoted(*at_random(ALIKE, 5_000, seed), "solid").promoted for seed in range(10)]
    assert sum(found) >= 9


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_offer_that_all_like_takes_the_place_of_chance_in_the_simulated_shop() -> None:
    year = list(simulate(plan_of(POLICIES["at random"], ALIKE), ALIKE, 3, 5_000))
    mix = dict.fromkeys(ALIKE, 1 / len(ALIKE))
    made = [each.decision for each in year]
    log = [{"offer_id": each.offer_id, "propensity": each.propensity, "candidates": mix} for each in made]
    rewards = [each.reward for each in year]
    assert promoted(log, rewards, "solid").promoted
    assert not promoted(log, rewards, "solid", margin=0.5).promoted
    assert not promoted(log, rewards, "pet_idea").promoted


def value(snips: float | None, bound: float | None, refused: str | None = None) -> PolicyValue:
    return PolicyValue(
        "another",
        1_000,
        500,
        snips=None if snips is None else Estimate(0.9, snips, 1.0),
        bound=None if bound is None else Bound(bound, 1.0, 5.0),
        refused=refused,
    )


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_both_lower_ends_must_be_above_what_the_champion_earned_and_the_margin(
    snips: float, bound: float, earned: float, margin: float
) -> None:
    found = promotion_of(value(snips, bound), Champion(earned, margin))
    assert found.promoted == (snips > earned + margin and bound > earned + margin)
    assert found.low == min(snips, bound)


def test_a_refused_value_and_offers_that_nobody_saw_are_never_a_promotion() -> None:
    refused = promotion_of(value(None, None, "it would rest on 4"), Champion(0.0))
    assert (refused.promoted, refused.low, refused.reason) == (False, None, "it would rest on 4")
    unseen = promotion_of(value(0.9, 0.9), Champion(0.1, unseen=True))
    assert (unseen.promoted, unseen.reason) == (False, NOBODY_SAW)


def test_of_several_the_one_with_the_highest_lower_end_is_the_best() -> None:
    few = [promotion_of(value(low, low), Champion(0.3)) for low in (0.2, 0.5, 0.4)]
    best = best_of(few)
    assert best is not None
    assert best.low == 0.5
    assert best_of(few[:1]) is None


OFFERS = st.lists(
    st.builds(
        lambda reward, margin, cost: {"expected_reward": reward, "margin": margin, "cost": cost},
        st.floats(0, 1_000), st.floats(0.01, 1_000), st.floats(0, 1_000),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@given(OFFERS, st.data())
def test_the_table_to_write_decides_as_the_policy_that_was_valued(tables: list[Any], data: st.DataObject) -> None:
    rules = {f"o{number}": OfferRule(id=f"o{number}", content="x", **each) for number, each in enumerate(tables)}
    policies = policies_of(rules, rules)
    name = data.draw(st.sampled_from([each for each in policies if block_of(each, DEFAULT, rules)]))
    block = block_of(name, DEFAULT, rules)
    assert block is not None
    policy = OfferPolicy.read(tomllib.loads(block)["policy"])
    raised = [line.removeprefix("# ") for line in block.splitlines() if "expected_reward =" in line]
    changed = dict(rules)
    for line in raised:
        offer = name.split()[0]
        changed[offer] = rules[offer].model_copy(update=tomllib.loads(line))
    possible = data.draw(st.lists(st.sampled_from(sorted(rules)), min_size=1, unique=True))
    chances = policy.chances([candidate(changed[offer], {}) for offer in possible])
    wanted = policies[name]({"candidates": dict.fromkeys(possible, 1 / len(possible))})
    assert {offer: chance for offer, chance in chances.items() if chance} == pytest.approx(dict(wanted))


def test_the_logged_policy_and_an_offer_that_is_gone_have_no_table() -> None:
    assert block_of("as logged", DEFAULT, {}) is None
    assert block_of(whenever_possible("gone"), DEFAULT, {}) is None


@given(st.sampled_from(sorted(KINDS)), st.sampled_from([0.0, 0.3]), st.floats(0, 1))
def test_the_table_of_a_way_to_choose_is_read_as_the_same_way(kind: str, control: float, share: float) -> None:
    name = "epsilon" if kind == "epsilon_greedy" else "explore"
    policy = OfferPolicy.read({"kind": kind, "model": "offer_reward", "control": control, name: share})
    assert OfferPolicy.read(tomllib.loads(table_of(policy))["policy"]) == policy
