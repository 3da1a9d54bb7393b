"""Ways to choose are valued by what was expected as logged: their chances are those that they would draw from."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.off_policy import of_simulated_year
from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies import KINDS, OfferPolicy
from streamproc.decide.offer_rule import OfferRule
from streamproc.models.scorer import Estimate
from streamproc.offline.backtest import judging
from streamproc.offline.backtest.learned_policies import over_expected, refusal
from streamproc.offline.backtest.off_policy.value import value_of
from streamproc.offline.backtest.offer_policies import LoggedOffers
from tests.builders import Shop, view
from tests.decide.offers.offering import learn, offer, offers, shop_with
from tests.trying import tried

RULES = {name: OfferRule.model_validate(offer(name)) for name in ("gift", "ship", "new")}
LEARNED = [("gift", 1.0), ("gift", 0.0), ("ship", 0.3), ("gift", 1.0), ("ship", 0.0)] * 4


def shop_of(kind: str, customers: int, **policy: Any) -> Shop:
    """Customers who each get an offer; one of the offers is hardly known."""
    shop = shop_with(offer("gift", margin=2), offer("ship", cost=0.1), offer("new"), kind=kind, **policy)
    learn(shop, LEARNED)
    shop.sees(*(view(customer_id=f"c{number}") for number in range(customers)))
    return shop


def logged(shop: Shop) -> list[dict[str, Any]]:
    """As it is read from a log."""
    return [orjson.loads(orjson.dumps(each)) for each in offers(shop)]


def rules_of(shop: Shop) -> Mapping[str, OfferRule]:
    return shop.plan.offers.by_id


@tried(30)
@given(st.sampled_from(sorted(KINDS)), st.sampled_from([0.0, 0.4]))
def test_a_way_valued_on_its_own_log_has_the_chances_that_it_logged(kind: str, control: float) -> None:
    shop = shop_of(kind, 12, control=control)
    policy = over_expected(shop.plan.offers.policy, rules_of(shop))
    for decision in logged(shop):
        assert policy(decision) == pytest.approx(decision["candidates"], abs=1e-4)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_another_way_chooses_as_often_as_the_log_of_softmax_says(kind: str) -> None:
    customers = 800
    done = shop_of(kind, customers)
    [chances, *_] = map(over_expected(done.plan.offers.policy, rules_of(done)), logged(shop_of("softmax", 1)))
    counted = Counter(each.offer_id for each in offers(done))
    for name, chance in chances.items():
        assert abs(counted[name] / customers - chance) <= 4 * (chance * (1 - chance) / customers) ** 0.5 + 1e-9


def test_the_control_keeps_what_it_got() -> None:
    shop = shop_of("thompson", 60, control=0.5)
    controls = [one for one in logged(shop) if one["policy"].startswith("control: ")]
    assert controls
    other = over_expected(policy_of("softmax", temperature=0.5), rules_of(shop))
    assert [other(one) for one in controls] == [one["candidates"] for one in controls]


def policy_of(kind: str, **numbers: float) -> OfferPolicy:
    found: OfferPolicy = OfferPolicy.read({"kind": kind, "model": "offer_reward"} | numbers)
    return found


def test_what_the_log_does_not_say_is_refused_with_what_to_do() -> None:
    [full] = logged(shop_of("softmax", 1))
    without_model = {**full, "expected": {}, "deviations": {}}
    of_an_earlier_release = {name: value for name, value in full.items() if name != "deviations"}
    assert refusal(policy_of("thompson"), [full], RULES) is None
    assert "1 of 2 decisions do not say what each offer" in str(
        refusal(policy_of("softmax"), [full, without_model], RULES)
    )
    assert "take the log from then on" in str(refusal(policy_of("softmax"), [without_model], RULES))
    assert refusal(policy_of("softmax"), [of_an_earlier_release], RULES) is None
    assert "`streamproc replay`" in str(refusal(policy_of("lin_ucb"), [of_an_earlier_release], RULES))
    assert "has no new, ship any more" in str(refusal(policy_of("softmax"), [full], {"gift": RULES["gift"]}))
    of_control = {**without_model, "policy": "control: epsilon_greedy(0.1)"}
    assert refusal(policy_of("thompson"), [full, of_control], RULES) is None


def made_up(decisions: int, seed: int) -> tuple[list[dict[str, Any]], list[float], list[dict[str, float]]]:
    """A log of softmax whose model is right about some, their rewards, and how likely each offer's reward was."""
    dice, by = np.random.default_rng(seed), policy_of("softmax", temperature=0.15, explore=0.15)
    log, rewards, truths = [], [], []
    for _ in range(decisions):
        truth = {name: float(dice.uniform(0.05, 0.7)) for name in RULES}
        estimates = {name: Estimate(truth[name] + dice.normal(0, 0.15), dice.uniform(0.02, 0.3)) for name in RULES}
        chances = by.chances([OfferCandidate(RULES[name], estimate) for name, estimate in estimates.items()])
        chosen = str(dice.choice(list(chances), p=list(chances.values())))
        log.append({
            "offer_id": chosen,
            "propensity": chances[chosen],
            "candidates": dict(chances),
            "expected": {name: each.mean for name, each in estimates.items()},
            "deviations": {name: each.deviation for name, each in estimates.items()},
        })  # fmt: skip
        rewards.append(float(dice.random() < truth[chosen]))
        truths.append(truth)
    return log, rewards, truths


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["epsilon_greedy", "lin_ucb", "thompson"])
def test_the_intervals_hold_the_truth_in_at_least_ninety_of_a_hundred_shops(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "RESAMPLES", 100)
    policy = over_expected(policy_of(kind), RULES)
    values, truths = [], []
    for seed in range(100):
        log, rewards, chances = made_up(200, seed)
        done = LoggedOffers(log, rewards)
        values.append(value_of(done.log, done.under(kind, policy)))
        for one, truth in zip(log, chances, strict=True):
            truths.append(sum(chance * truth[name] for name, chance in policy(one).items()))
    for name in ("ips", "snips", "doubly_robust"):
        held = [getattr(value, name) for value in values]
        assert sum(each.low <= np.mean(truths) <= each.high for each in held) >= 90, name


def test_in_the_simulated_shop_the_interval_holds_what_the_other_way_would_have_got() -> None:
    for value, truth in of_simulated_year(seed=1, choices=400).values():
        interval = value.doubly_robust
        assert interval is not None
        assert (interval.low or 0.0) < truth < (interval.high or 0.0)
