"""An offer of which there are only so many is made no more often, in all partitions together, and always the same."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.clock.event_time import PartitionState, decode_partition_state, encode_partition_state
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.offers.budgets import UNSPENT, Budgets, Spent, share
from streamproc.events.topics import OFFERS_TOPIC
from tests.builders import order, plan
from tests.decide.identity.town import Town

GIFT: dict[str, Any] = {"id": "gift", "content": "A gift", "expected_reward": 9.0}
NEWS: dict[str, Any] = {"id": "news", "content": "What is new"}


@given(st.integers(1, 10_000), st.integers(1, 64))
def test_the_shares_of_all_partitions_are_the_budget(budget: int, partitions: int) -> None:
    shares = [share(budget, each, partitions) for each in range(partitions)]
    assert sum(shares) == budget
    assert max(shares) - min(shares) <= 1


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 20), st.integers(1, 5))
def test_no_order_of_the_days_goes_beyond_a_budget(days: list[int], budget: int, daily: int) -> None:
    rule = OfferRule(**GIFT, budget=budget, daily_budget=daily)
    budgets, made = Budgets(), list[int]()
    for day in days:
        if budgets.allow(rule, day):
            made.append(max([day, *made]))  # what is told late counts for the newest day
            budgets = budgets.after(rule, day)
    assert len(made) <= budget
    assert all(made.count(day) <= daily for day in set(made))
    assert budgets.spent.get("gift", UNSPENT).ever == len(made)


def test_an_offer_without_a_budget_is_not_counted() -> None:
    rule, budgets = OfferRule(**GIFT), Budgets()
    assert budgets.after(rule, 3) is budgets


def test_what_was_spent_is_kept_with_the_partition() -> None:
    state = PartitionState(spent={"gift": Spent(7, 19_000, 2)})
    assert decode_partition_state(encode_partition_state(state)) == state
    assert encode_partition_state(PartitionState())[0] < encode_partition_state(state)[0]


def made(customers: int, days: int = 1, **gift: Any) -> list[tuple[str, str]]:
    """The day and the id of each offer that was made, as customers order once a day."""
    policy = {"on": ["order_placed"], "epsilon": 0}
    offers = [{**each, "cool_down_days": 0} for each in ({**GIFT, **gift}, NEWS)]
    town = Town(plan(offers={"policy": policy, "offer": offers}))
    for day in range(days):
        town.tell(*[order(customer_id=f"c{each}", days=day, minutes=each) for each in range(customers)])
    town.rest()
    told = [orjson.loads(each.value or b"") for each in town.written if each.topic == OFFERS_TOPIC]
    return [(each["at"][:10], each["offer_id"]) for each in told]


def test_the_best_offer_is_made_until_its_budget_is_spent_and_another_one_then() -> None:
    offers = [offer for _, offer in made(60, budget=10)]
    assert offers.count("gift") == 10
    assert offers.count("news") == 50


def test_a_daily_budget_begins_anew_with_each_day_and_the_whole_one_ends_it() -> None:
    offers = made(30, days=4, daily_budget=6, budget=20)
    by_day = [offers.count((day, "gift")) for day in sorted({at for at, _ in offers})]
    assert by_day[:3] == [6, 6, 6]
    assert sum(by_day) <= 20


def test_the_same_log_spends_alike() -> None:
    assert made(40, budget=7) == made(40, budget=7)
