"""The facts that are told of what happened: each is declared, and says what KPIs count."""

from typing import Any

from streamproc.customer.recent_ids import Seen
from streamproc.events.decisions import Trigger
from streamproc.events.raw import Event
from streamproc.measure.vocabulary import FACTS
from tests.builders import (
    NOON_MS,
    REWARDS,
    Shop,
    abandoned_cart,
    add,
    cancel,
    clicked,
    consent,
    delivered,
    facts_of,
    on_order,
    opened,
    order,
    plan,
    refund,
    sent,
    view,
)


def test_every_declared_fact_is_told_by_somebody() -> None:
    policy = {"on": ["order_placed"], "model": REWARDS}
    offers = {"policy": policy, "offer": [{"id": "gift", "content": "g"}]}
    triggers = (on_order(), abandoned_cart(name="cart"))
    journey = {"name": "thanked", "start": "thanks", "step": [{"kind": "wait", "hours": 1}]}
    rewards = {"features": ["log_orders"], "horizon_days": 1}
    everybody = [{"name": "all", "where": [{"feature": "orders_total", "at_least": 0}]}]
    rules = plan(*triggers, offers=offers, rewards=rewards, journeys=[journey], segments=everybody, tags=everybody)
    shop = Shop(rules)
    happened: list[Event] = [
        view(),
        add(),
        order(),
        refund(),
        cancel("o"),
        delivered(),
        opened(),
        consent(granted=False),
    ]
    outcomes = shop.sees(*happened[:-1])
    [thanks] = [d for outcome in outcomes for d in outcome.decisions if isinstance(d, Trigger)]
    outcomes += shop.sees(sent("m2", trigger_id=thanks.trigger_id, minutes=1), add(hours=1))
    outcomes += shop.mark(hours=3)
    outcomes += shop.sees(order(hours=1.5), happened[-1], order(days=1))
    outcomes += shop.mark(days=30)
    assert {fact.fact for fact in facts_of(outcomes)} == set(FACTS)


def test_an_order_is_the_first_of_the_day_and_the_first_ever_once() -> None:
    facts = facts_of(Shop(plan()).sees(order(), order(minutes=5), order(days=1)))
    orders = [fact.values for fact in facts if fact.fact == "order"]
    assert [(o["order_number"], o["first_of_day"], o["first_ever"]) for o in orders] == [
        (1, True, True), (2, False, False), (3, True, False),
    ]  # fmt: skip


def visits(*happened: Event) -> list[int]:
    return [(fact.at_ms - NOON_MS) // 60_000 for fact in facts_of(Shop(plan()).sees(*happened)) if fact.fact == "visit"]


def test_a_visit_is_the_first_thing_done_on_a_day() -> None:
    assert visits(view(), add(minutes=5), view(days=1), order(days=1, minutes=1)) == [0, 24 * 60]


def test_what_happens_to_a_customer_is_no_visit() -> None:
    assert visits(delivered(), refund(minutes=1)) == []
    assert visits(delivered(), view(minutes=2), view(minutes=3)) == [2]
    assert visits(opened(is_machine=True), opened(minutes=2)) == [2]


def message_values(*happened: Event) -> list[tuple[Any, ...]]:
    facts = facts_of(Shop(plan()).sees(*happened))
    names = ("action", "unique", "human", "unique_human")
    return [tuple(fact.values[name] for name in names) for fact in facts if fact.fact == "message"]


def test_an_open_is_unique_once_for_anybody_and_once_for_a_person() -> None:
    assert message_values(delivered(), opened(seconds=0.5), opened(hours=1), opened(hours=2)) == [
        ("delivered", True, True, True),
        ("opened", True, False, False),
        ("opened", False, True, True),
        ("opened", False, True, False),
    ]


def test_a_click_on_another_message_is_unique_again() -> None:
    assert [values[1] for values in message_values(clicked("a"), clicked("a"), clicked("b"))] == [True, False, True]


def test_a_cart_is_created_with_its_first_product() -> None:
    facts = facts_of(Shop(plan()).sees(add(), add("rug"), add("vase", cart_id="another")))
    assert [fact.fact for fact in facts].count("cart_created") == 2


def test_what_was_given_back_is_negative_revenue() -> None:
    facts = facts_of(
        Shop(plan()).sees(order(pounds=30, order_id="o1"), refund("o1", pounds=5, days=1), cancel("o1", days=2))
    )
    given_back = [(fact.values["kind"], fact.values["net_amount"]) for fact in facts if fact.fact == "refund"]
    assert given_back == [("refunded", -5_000_000), ("cancelled", -25_000_000)]


def test_what_a_machine_looks_at_is_no_page_view_visit_session_or_feature_of_anybody() -> None:
    shop = Shop(plan())
    visitor = view(is_machine=True, customer_id=None, anonymous_id="v")
    outcomes = shop.sees(view(is_machine=True), add(is_machine=True), visitor)
    assert {outcome.seen for outcome in outcomes} == {Seen.MACHINE}
    assert not facts_of(outcomes)
    assert not shop.customers


def test_what_a_machine_looks_at_changes_nothing_of_a_known_customer() -> None:
    shop = Shop(plan())
    shop.sees(view())
    known = shop.ada
    shop.sees(view(is_machine=True, minutes=5), add(is_machine=True, minutes=6))
    assert shop.ada == known
