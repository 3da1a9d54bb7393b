from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.decide.draw import uniform
from streamproc.decide.offer_candidate import candidate
from streamproc.decide.offer_policies.epsilon_greedy import EpsilonGreedy
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.step import step
from streamproc.events.decisions import Offer
from streamproc.events.email import Bounced
from tests.builders import NO_MODELS, Shop, consent, delivered, entry, envelope, on_order, order, plan, view


def offer(name: str, reward: float = 1.0, **changes: Any) -> dict[str, Any]:
    return {"id": name, "content": name, "expected_reward": reward, "cool_down_days": 0} | changes


def offers(*some: dict[str, Any], epsilon: float = 0.3, **policy: Any) -> dict[str, Any]:
    return {"policy": {"epsilon": epsilon} | policy, "offer": list(some)}


def chosen(shop: Shop, *happened: Any) -> list[Offer]:
    return [d for outcome in shop.sees(*happened) for d in outcome.decisions if isinstance(d, Offer)]


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=8), st.floats(0, 1))
def test_the_probabilities_add_up_to_one(rewards: list[float], epsilon: float) -> None:
    rules = [OfferRule.model_validate(offer(f"o{number}", reward)) for number, reward in enumerate(rewards)]
    chances = EpsilonGreedy(epsilon=epsilon).chances([candidate(rule, {}) for rule in rules])
    assert sum(chances.values()) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in chances.values())
    best = max(rules, key=lambda rule: chances[rule.id])
    assert best.expected_reward == max(rewards) or epsilon == 1


@settings(deadline=None)
@given(st.text())
def test_a_seed_gives_a_number_from_zero_to_below_one(seed: str) -> None:
    assert 0 <= uniform(seed) < 1
    assert uniform(seed) == uniform(seed)


@pytest.mark.slow
def test_over_many_positions_offers_are_chosen_as_often_as_their_probability_says() -> None:
    rules, n = plan(offers=offers(offer("a", 3), offer("b", 2), offer("c", 1))), 5000
    event = order(event_id="e")
    counted: Counter[str] = Counter()
    logged: dict[str, float] = {}
    for position in range(n):
        for decision in step(None, entry(event, position), rules, NO_MODELS).decisions:
            assert isinstance(decision, Offer)
            assert decision.propensity == decision.candidates[decision.offer_id]
            counted[decision.offer_id] += 1
            logged = decision.candidates
    assert logged == pytest.approx({"a": 0.8, "b": 0.1, "c": 0.1})
    for name, chance in logged.items():
        assert abs(counted[name] / n - chance) < 4 * (chance * (1 - chance) / n) ** 0.5


def test_the_same_position_chooses_the_same_offer() -> None:
    rules, event = plan(offers=offers(offer("a"), offer("b"), epsilon=1)), order()
    one, again = (step(None, entry(event, 7), rules, NO_MODELS).decisions for _ in range(2))
    assert one == again


def test_without_epsilon_the_best_offer_is_chosen() -> None:
    assert [o.offer_id for o in chosen(Shop(plan(offers=offers(offer("a"), offer("b", 9), epsilon=0))), order())] == [
        "b"
    ]


def test_only_the_named_events_bring_an_offer() -> None:
    shop = Shop(plan(offers=offers(offer("a"), on=["page_viewed"])))
    assert chosen(shop, order()) == []
    assert len(chosen(shop, view())) == 1


def test_an_offer_that_a_customer_may_not_get_is_no_candidate() -> None:
    regulars = offer("b", 9, where=[{"feature": "orders_total", "at_least": 2}])
    first, second = chosen(Shop(plan(offers=offers(offer("a"), regulars, epsilon=0))), order(), order(days=1))
    assert (first.offer_id, first.candidates) == ("a", {"a": 1.0})
    assert (second.offer_id, set(second.candidates), second.values) == ("b", {"a", "b"}, {"orders_total": 2.0})


def test_without_candidates_there_is_no_offer() -> None:
    shop = Shop(plan(offers=offers(offer("a", where=[{"feature": "orders_total", "at_least": 9}]))))
    assert chosen(shop, order()) == []


@pytest.mark.parametrize(("days", "count"), [(13.99, 1), (14, 2)])
def test_an_offer_cools_down(days: float, count: int) -> None:
    assert len(chosen(Shop(plan(offers=offers(offer("a", cool_down_days=14)))), order(), order(days=days))) == count


def test_an_offer_that_cools_down_gives_way_to_another() -> None:
    shop = Shop(plan(offers=offers(offer("a", 9, cool_down_days=14), offer("b"), epsilon=0)))
    assert [o.offer_id for o in chosen(shop, order(), order(days=1))] == ["a", "b"]


@pytest.mark.parametrize(("dates", "valid"), [
    ({"valid_from": "2024-05-01"}, True),
    ({"valid_from": "2024-05-02"}, False),
    ({"valid_until": "2024-05-01"}, True),
    ({"valid_until": "2024-04-30"}, False),
])  # fmt: skip
def test_an_offer_holds_on_its_first_and_on_its_last_day(dates: dict[str, Any], *, valid: bool) -> None:
    assert bool(chosen(Shop(plan(offers=offers(offer("a", **dates)))), order())) is valid


def test_an_offer_needs_consent_on_its_channel() -> None:
    rules = plan(offers=offers(offer("a", channel="sms")), policy={"consent": {"marketing": "deny"}})
    assert chosen(Shop(rules), consent(), order()) == []
    assert len(chosen(Shop(rules), consent(channel="sms"), order())) == 1


def test_an_offer_needs_a_channel_that_reaches_the_customer() -> None:
    shop = Shop(plan(offers=offers(offer("gift", channel="email"))))
    lost = Bounced(message_id="m1", **envelope({}))
    assert not chosen(shop, consent(days=-1), lost, order(days=1))
    assert [each.offer_id for each in chosen(shop, delivered("m2", days=2), order(days=2))] == ["gift"]


def test_an_offer_comes_after_the_triggers() -> None:
    [outcome] = Shop(plan(on_order(), offers=offers(offer("a")))).sees(order())
    assert [decision.type for decision in outcome.decisions] == ["trigger_emitted", "offer_chosen"]
