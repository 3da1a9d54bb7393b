"""What customers like, use and wait for, and how engaged they are."""

from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.features import Features
from streamproc.customer.interests import MOST, Interests, Kind, by_name, noted, united
from streamproc.customer.profile_settings import ProfileSettings
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Buckets
from streamproc.decide.plan import Plan
from streamproc.events.raw import Event
from streamproc.events.times import DAY_MS, epoch_ms
from tests.builders import Shop, add, at_ms, erasure, folded, line, order, plan, view
from tests.strategies import events

KEEP: frozenset[Kind] = frozenset(("category", "device", "price"))
SETTINGS = {"keep": sorted(KEEP), "least_points": 3, "half_life_weeks": 4, "usual_discount_share": 0.2}


def rules(**changes: Any) -> Plan:
    made = plan()
    made.__dict__["profile"] = ProfileSettings.model_validate({"interests": SETTINGS | changes})
    return made


def kept(*told: Event) -> Interests:
    interests: Interests = {}
    for event in told:
        interests = noted(interests, event, epoch_ms(event.occurred_at), KEEP)
    return interests


def plain(interests: Interests) -> dict[str, object]:
    return {key: held.rows for key, held in interests.items()}


def features(shop: Shop, days: float = 0) -> Features:
    return Features(CustomerView(shop.ada, at_ms(days=days)), shop.plan.functions)


@given(st.lists(events, max_size=12).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_the_order_of_arrival_does_not_matter(told: tuple[list[Event], list[Event]]) -> None:
    one, other = told
    assert plain(kept(*one)) == plain(kept(*other))


@given(st.lists(events, max_size=12), st.integers(0, 12))
def test_two_profiles_add_up(told: list[Event], cut: int) -> None:
    assert plain(united(kept(*told[:cut]), kept(*told[cut:]))) == plain(kept(*told))


def test_the_favourite_is_what_was_looked_at_carted_and_bought_most_of_late() -> None:
    shop = Shop(rules())
    shop.sees(*(add(category="garden", event_id=f"g{n}") for n in range(3)))
    assert features(shop).text("favourite_category") == "garden"
    shop.sees(order(lines=(line().model_copy(update={"category": "kitchen"}),), days=1))
    assert features(shop, days=1).text("favourite_category") == "kitchen"
    assert features(shop, days=300).text("favourite_category") == ""


def test_the_device_is_the_one_that_most_events_name() -> None:
    shop = Shop(rules())
    shop.sees(*(view(device=name, event_id=f"e{n}") for n, name in enumerate(["iPhone", "desktop", "iphone"])))
    assert features(shop).text("device") == "iphone"


def test_who_buys_only_at_a_discount_is_sensitive_and_hardly_known_ones_are_like_others() -> None:
    shop = Shop(rules())
    assert Features(CustomerView(folded(view()), at_ms()), rules().functions)["price_sensitivity"] == 1
    cheaper = line(quantity=90).model_copy(update={"discount": 1_000_000})
    shop.sees(order(lines=(cheaper,)))
    assert isclose(features(shop)["price_sensitivity"], (90 + 10 * 0.2) / 100 / 0.2)
    full = Shop(rules())
    full.sees(order(lines=(line(quantity=90),)))
    assert isclose(features(full)["price_sensitivity"], 0.1)


@given(st.lists(events, max_size=10))
def test_engagement_is_the_weighted_sum_of_a_year(told: list[Event]) -> None:
    customer, now = folded(view(), *told), at_ms(days=100)
    weights = {1: 1.0, 2: 1.0, 3: 3.0, 4: 5.0, 5: 10.0}
    today, expected = now // DAY_MS, 0.0
    for day in customer.days:
        for metric, weight in weights.items() if today - 365 < day <= today else ():
            expected += weight * (customer.days.get(day) or ())[metric] * 0.5 ** ((today - day) / 30)
    said = Features(CustomerView(customer, now), rules().functions)["engagement"]
    assert isclose(said, expected, abs_tol=1e-9)


def test_nothing_is_kept_that_nobody_asks_for_and_it_goes_when_nobody_does_any_more() -> None:
    shop = Shop(rules(keep=["category"]))
    shop.sees(add(category="garden", device="phone"))
    assert list(shop.ada.interests) == ["category:garden"]
    shop.plan = plan()
    shop.sees(view(days=1))
    assert not shop.ada.interests


def test_an_order_that_is_told_anew_counts_once_and_an_erasure_takes_all() -> None:
    shop = Shop(rules())
    shop.sees(order("lamp", order_id="o1"), order("lamp", "rug", order_id="o1", hours=1))
    assert by_name(shop.ada.interests, "price")[""].rows[0][1] == 1
    shop.sees(erasure(days=1))
    assert not shop.ada.interests


def test_names_beyond_the_bound_are_forgotten_the_oldest_first() -> None:
    told = [add(category=f"c{number:02}", days=28 * number, event_id=f"e{number}") for number in range(MOST + 3)]
    assert sorted(by_name(kept(*told), "category")) == [f"c{number:02}" for number in range(3, MOST + 3)]


def test_a_favourite_is_forgotten_by_time_alone() -> None:
    fond = {"name": "fond", "where": [{"feature": "favourite_category", "one_of": ["garden"]}]}
    shop = Shop(plan(segments=[fond]))
    shop.plan.__dict__["profile"] = rules().profile
    shop.sees(*(add(category="garden", event_id=f"g{n}") for n in range(3)))
    assert "fond" in shop.ada.segments
    shop.mark(days=300)
    assert "fond" not in shop.ada.segments


@pytest.mark.parametrize("wrong", [{"keep": ["colour"]}, {"least_points": 0}, {"usual_discount_share": 0}])
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="interests"):
        rules(**wrong)


def test_a_customer_who_likes_as_much_as_there_is_room_for_takes_a_few_kb() -> None:
    from streamproc.customer.codec import encode

    full = Buckets()
    for period in range(700, 726):
        full = full.counted(period, ((0, 1000),), 26)
    blank = Customer("c/ada", 0, 0)
    known = blank.copy()
    known.interests = {f"{kind}:{number:064}": full for kind in ("category", "device") for number in range(MOST)}
    assert len(encode(known)) - len(encode(blank)) <= 8 * 1024
