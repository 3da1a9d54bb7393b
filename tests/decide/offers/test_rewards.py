"""What offers bring is noted when it happens, and told when their horizon is over."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.codec import decode, encode
from streamproc.customer.open_offers import MAX_OPEN_OFFERS, OpenOffer, joined
from streamproc.customer.state import FIELDS
from streamproc.events.raw import Event
from streamproc.models.kinds.offer_reward import OFFER
from tests.builders import Shop, at_ms, clicked, delivered, erasure, facts_of, line, order, plan, told_later, view
from tests.decide.offers.offering import examples, offer, offers, rewards, shop_with
from tests.trying import tried


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
    begin = written[: written.index(b'["c/ada"')]
    assert len(decode(begin + orjson.dumps(values)).open_offers) == 1
    values[FIELDS.index("applied_offset")] += 1
    assert decode(begin + orjson.dumps(values)).open_offers == ()


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
