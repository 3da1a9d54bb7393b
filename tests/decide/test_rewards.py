"""What offers bring is noted when it happens, told when their horizon is over, and learned from."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.codec import decode, encode
from streamproc.customer.open_offers import MAX_OPEN_OFFERS, OpenOffer, joined
from streamproc.customer.state import FIELDS
from streamproc.events.decisions import Offer
from streamproc.events.log import ModelReleased
from streamproc.events.raw import Event
from streamproc.events.training import Example
from streamproc.models.bank import ModelBank
from streamproc.models.kinds.offer_reward import OFFER
from streamproc.models.snapshots import pack, sign
from tests.builders import (
    KEY,
    NOON,
    REWARDS,
    Shop,
    at_ms,
    clicked,
    delivered,
    erasure,
    facts_of,
    line,
    order,
    plan,
    told_later,
    view,
)
from tests.trying import tried

FEATURES = ["log_orders", "log_views_7d"]
REWARD = {"features": FEATURES, "horizon_days": 7, "lateness_hours": 24, "click": 0.2, "order": 1.0}
VERSION = "offer_reward-1"


def offer(name: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "content": name, "cool_down_days": 0} | changes


def shop_with(*offers: dict[str, Any], **policy: Any) -> Shop:
    asked = {"on": ["page_viewed"], "model": REWARDS} | policy
    rules = plan(offers={"policy": asked, "offer": list(offers)}, rewards=REWARD)
    return Shop(rules, ModelBank(KEY, rules.predictions))


def examples(shop: Shop) -> list[Example]:
    return [each for outcome in shop.outcomes for each in outcome.examples if each.model == REWARDS]


def rewards(shop: Shop) -> list[float]:
    return [example.label for example in examples(shop)]


def offers(shop: Shop) -> list[Offer]:
    return [each for outcome in shop.outcomes for each in outcome.decisions if isinstance(each, Offer)]


def learn(shop: Shop, learned: Sequence[tuple[str, float]]) -> None:
    """A version counts that has seen these offers bring this."""
    prediction = shop.plan.predictions[REWARDS]
    model = prediction.new_model()
    for number, (name, reward) in enumerate(learned):
        features = {feature: float(number % 3) for feature in FEATURES}
        prediction.learn(model, features | {OFFER + name: 1.0}, reward)
    snapshot = pack(model)
    release = ModelReleased(
        model=REWARDS,
        version=VERSION,
        snapshot=snapshot,
        signature=sign(REWARDS, VERSION, snapshot, KEY),
        trained_through=NOON,
        examples=len(learned),
    )
    shop.bank = shop.bank.with_release(release)


@pytest.mark.parametrize(
    ("happened", "reward"),
    [
        ([], 0.0),
        ([clicked(days=1, offer_id="gift")], 0.2),
        ([order(days=7)], 1.0),
        ([order(days=7, minutes=1)], 0.0),
        ([clicked(days=1, offer_id="gift"), order(days=2)], 1.2),
        ([order(days=2), clicked(days=3, offer_id="gift")], 1.2),
        ([clicked(days=1, offer_id="gift"), clicked("m2", days=1, offer_id="gift"), order(days=2), order(days=3)], 1.2),
        ([clicked(days=1, offer_id="ship"), clicked(days=1, minutes=1)], 0.0),
        ([clicked(days=1, offer_id="gift", is_machine=True)], 0.0),
    ],
)
def test_an_offer_brings_what_happens_within_its_horizon(happened: list[Event], reward: float) -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view(), *happened)
    shop.mark(days=7, hours=23)
    assert rewards(shop) == []
    shop.mark(days=8)
    assert rewards(shop) == [reward]
    shop.mark(days=99)
    assert rewards(shop) == [reward]
    assert shop.ada.open_offers == ()


@pytest.mark.parametrize(
    ("named", "reward"),
    [
        ({"skus": ["lamp"]}, 1.0),
        ({"skus": ["rug"]}, 0.0),
        ({"category": "garden"}, 0.0),
        ({"category": "light"}, 1.0),
        ({"category": "garden", "skus": ["lamp"]}, 1.0),
    ],
)
def test_only_an_order_of_what_is_offered_is_a_reward(named: dict[str, Any], reward: float) -> None:
    shop = shop_with(offer("gift", **named))
    lamp = line("lamp").model_copy(update={"category": "light"})
    shop.sees(view(), order(days=1, lines=(lamp,)))
    shop.mark(days=8)
    assert rewards(shop) == [reward]


def test_who_clicked_is_judged_when_it_is_told() -> None:
    shop = shop_with(offer("gift"))
    links = [f"https://shop.example/{number}" for number in range(3)]
    shop.sees(view(), delivered(minutes=1))
    for number, link in enumerate(links):  # three links of one message within a second: a scanner
        shop.sees(clicked(hours=5, seconds=number * 0.3, offer_id="gift", url=link))
    shop.mark(days=8)
    assert rewards(shop) == [0.0]


def test_a_person_who_clicks_after_a_machine_counts() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view(), clicked(days=1, offer_id="gift", is_machine=True), clicked("m2", days=2, offer_id="gift"))
    shop.mark(days=8)
    assert rewards(shop) == [0.2]


def test_a_state_that_an_older_release_has_worked_on_waits_for_nothing() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view())
    written = encode(shop.ada)
    assert decode(written).open_offers == shop.ada.open_offers != ()
    known = decode(written)
    known.open_offers, known.later = (), ([known.applied_offset, [list(shop.ada.open_offers[0])]],)
    values = orjson.loads(encode(known)[written.index(b'["c/ada"') :])
    values = [*values[: FIELDS.index("open_offers")], values[-1]]  # as version 1 writes it, with what it does not know
    values[FIELDS.index("applied_offset")] += 1
    assert decode(written[: written.index(b'["c/ada"')] + orjson.dumps(values)).open_offers == ()


def test_a_timer_that_was_lost_is_set_again() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view())
    shop.ada.timers = {}
    shop.sees(order(days=20))
    shop.mark(days=21)
    assert rewards(shop) == [0.0]
    assert examples(shop)[0].answered_ms >= at_ms(days=20)


def test_what_is_told_late_counts_at_its_time() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view())
    shop.mark(days=7, hours=12)
    shop.steps(told_later(order(days=6), hours=36))
    shop.mark(days=8)
    assert rewards(shop) == [1.0]


def test_an_example_has_the_features_of_the_choice_and_names_the_offer() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(order(), view(days=1), order(days=2), view(days=3))
    shop.mark(days=20)
    first, second = examples(shop)
    assert first.features == {"log_orders": 0.6931, "log_views_7d": 0.6931, OFFER + "gift": 1.0}
    assert second.features["log_orders"] > first.features["log_orders"]
    assert (first.asked_ms, first.due_ms, first.score) == (at_ms(days=1), at_ms(days=9), None)
    assert (first.label, second.label) == (1.0, 0.0)


def test_offers_are_told_each_at_its_time() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view(), view(days=1), view(days=2), order(days=8))
    shop.mark(days=8, minutes=1)
    assert rewards(shop) == [0.0]
    shop.mark(days=10)
    assert rewards(shop) == [0.0, 1.0, 1.0]


def test_of_more_offers_than_a_state_has_room_for_the_oldest_are_given_up() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(*(view(minutes=number) for number in range(MAX_OPEN_OFFERS + 3)))
    assert [each.chosen_ms for each in shop.ada.open_offers] == [
        at_ms(minutes=number) for number in range(3, MAX_OPEN_OFFERS + 3)
    ]
    shop.mark(days=9)
    assert len(rewards(shop)) == MAX_OPEN_OFFERS


def test_kpis_are_told_what_offers_brought_in_thousandths() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view(), clicked(days=1, offer_id="gift"))
    shop.mark(days=8)
    told = [fact.values for fact in facts_of(shop.outcomes) if fact.fact == "offer_reward"]
    assert told == [
        {"offer_id": "gift", "thousandths": 200, "clicked": True, "ordered": False, "control": False, "learned": False}
    ]


def test_without_a_model_nobody_waits_for_rewards() -> None:
    shop = Shop(plan(offers={"policy": {"on": ["page_viewed"]}, "offer": [offer("gift")]}))
    shop.sees(view())
    assert (shop.ada.open_offers, "reward" in shop.ada.timers) == ((), False)
    assert (offers(shop)[0].expected, offers(shop)[0].features) == ({}, {})


def test_a_model_that_was_taken_out_leaves_no_timer_and_no_fact_behind() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view(), clicked(days=1, offer_id="gift"))
    shop.plan = plan(offers={"offer": [offer("gift")]})
    shop.mark(days=30)
    assert (rewards(shop), shop.ada.open_offers, "reward" in shop.ada.timers) == ([], (), False)
    assert not [fact for fact in facts_of(shop.outcomes) if fact.fact == "offer_reward"]


def test_an_erased_customer_has_no_open_offers() -> None:
    shop = shop_with(offer("gift"))
    shop.sees(view(), erasure(days=1))
    assert shop.ada.open_offers == ()
    shop.mark(days=30)
    assert rewards(shop) == []


def test_the_offer_that_brought_most_is_chosen_and_the_choice_says_by_what() -> None:
    shop = shop_with(offer("gift"), offer("ship", expected_reward=5), kind="epsilon_greedy", epsilon=0)
    learn(shop, [("gift", 1.0), ("ship", 0.1)] * 60)
    shop.sees(view())
    [chosen] = offers(shop)
    assert (chosen.offer_id, chosen.model_version) == ("gift", VERSION)
    assert chosen.expected["gift"] > 0.7
    assert chosen.expected["ship"] < 0.3
    assert chosen.features == {"log_orders": 0.0, "log_views_7d": 0.6931}
    [waits] = shop.ada.open_offers
    assert (waits.expected, waits.model_version) == (chosen.expected["gift"], VERSION)


def test_as_long_as_nothing_was_learned_of_an_offer_the_shops_own_word_counts() -> None:
    shop = shop_with(offer("gift"), offer("ship", expected_reward=5), kind="epsilon_greedy", epsilon=0)
    shop.sees(view())
    assert offers(shop)[0].offer_id == "ship"
    learn(shop, [("gift", 1.0)] * 9)
    shop.sees(view(days=1))
    assert offers(shop)[1].expected["ship"] == 5


def test_what_an_offer_costs_is_taken_off_what_it_brings() -> None:
    dear = offer("dear", expected_reward=1, margin=10, cost=9)
    cheap = offer("cheap", expected_reward=0.5, margin=10)
    shop = shop_with(dear, cheap, kind="epsilon_greedy", epsilon=0)
    shop.sees(view())
    assert offers(shop)[0].offer_id == "cheap"


def test_a_control_gets_what_the_shop_expects_most_of_whatever_was_learned() -> None:
    shop = shop_with(offer("gift"), offer("ship", expected_reward=5), kind="thompson", control=0.5)
    learn(shop, [("gift", 1.0), ("ship", 0.0)] * 60)
    shop.sees(*(view(customer_id=f"c{number}") for number in range(400)))
    controls = [each for each in offers(shop) if each.policy.startswith("control: ")]
    others = [each for each in offers(shop) if not each.policy.startswith("control: ")]
    assert 140 <= len(controls) <= 260
    assert sum(each.offer_id == "ship" for each in controls) / len(controls) > 0.85
    assert sum(each.offer_id == "gift" for each in others) / len(others) > 0.9
    waits = [each for customer in shop.customers.values() for each in customer.open_offers]
    assert sum(each.is_control for each in waits) == len(controls)


@pytest.mark.parametrize("kind", ["thompson", "lin_ucb"])
def test_a_policy_that_learns_needs_a_model(kind: str) -> None:
    with pytest.raises(ValueError, match=f"the policy {kind} needs a model"):
        shop_with(offer("gift"), kind=kind, model=None)


open_offers = st.builds(
    OpenOffer,
    model=st.sampled_from("ab"),
    offer_id=st.sampled_from("xy"),
    chosen_ms=st.integers(0, 5),
    due_ms=st.just(9),
    features=st.just("0"),
    feature_set=st.just("f"),
    expected=st.none() | st.floats(0, 1),
    model_version=st.none() | st.just("v"),
    is_control=st.booleans(),
    clicked=st.integers(0, 2),
    ordered=st.booleans(),
)
some = st.lists(open_offers, max_size=MAX_OPEN_OFFERS, unique_by=lambda each: each[:3]).map(tuple)


@tried(60)
@given(some, some)
def test_two_who_are_one_wait_for_the_same_whoever_takes_in_whom(
    one: tuple[OpenOffer, ...], two: tuple[OpenOffer, ...]
) -> None:
    known = joined(one, two)
    assert known == joined(two, one)
    assert joined(known, known) == known
    assert len(known) <= MAX_OPEN_OFFERS
