"""The kinds event, amount, next_order and message_response: when they are asked, and what answers them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streamproc.customer.features import FEATURES, LABELS
from streamproc.decide.plan import Plan
from streamproc.events.decisions import Forecast, Score
from streamproc.events.raw import Event
from streamproc.models.config import ModelSettings
from streamproc.models.kind import AskedPrediction
from streamproc.models.kinds.uplift import OF_MESSAGES
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, unpack
from streamproc.models.vectors import by_name, in_text, vector_of
from tests.builders import (
    KEY,
    Shop,
    add,
    at_ms,
    clicked,
    identified,
    opened,
    order,
    plan,
    refund,
    release,
    sent,
)
from tests.models.test_questions_and_the_future import moved
from tests.strategies import events

NUMBERS = ["log_orders", "log_recency_weeks"]
BUYS: dict[str, Any] = {
    "kind": "event",
    "event": "order_placed",
    "horizon_days": 7,
    "ask_on": "cart_added",
    "features": NUMBERS,
}
ORDERS: dict[str, Any] = {"kind": "amount", "of": "orders", "horizon_days": 28, "features": NUMBERS}
REVENUE: dict[str, Any] = {**ORDERS, "of": "net_revenue"}
NEXT: dict[str, Any] = {"kind": "next_order", "horizon_days": 28, "features": NUMBERS}
CLICKS: dict[str, Any] = {"kind": "message_response", "response": "clicked", "features": NUMBERS}
UPLIFT: dict[str, Any] = {"kind": "uplift", "trigger": "cart", "event": "order_placed", "features": NUMBERS}
ALL = {"buys": BUYS, "orders": ORDERS, "revenue": REVENUE, "next": NEXT, "clicks": CLICKS, "uplift": UPLIFT}
CART = {"name": "cart", "kind": "event", "on": ["cart_added", "order_placed"], "cool_down_hours": 0}


def asking(**tables: dict[str, Any]) -> Plan:
    rules = plan(CART, policy={"holdout": {"percent": 15}}) if "uplift" in tables else plan()
    return replace(rules, models=ModelSettings.model_validate(tables))


def with_versions(rules: Plan) -> ModelBank:
    bank = ModelBank(KEY, rules.predictions)
    for name, each in rules.predictions.items():
        bank = bank.with_release(release(each, version=f"{name}-1", name=name))
    return bank


def asked(rules: Plan, name: str) -> AskedPrediction:
    [found] = [each for each in (rules.models[name],) if isinstance(each, AskedPrediction)]
    return found


def labels(shop: Shop, name: str) -> list[float]:
    """The answers in the order in which they were asked."""
    found = [each for outcome in shop.outcomes for each in outcome.examples if each.model == name]
    return [each.label for each in sorted(found, key=lambda each: each.asked_ms)]


def test_an_event_within_the_horizon_says_yes_and_silence_no() -> None:
    shop = Shop(asking(buys=BUYS))
    shop.sees(add(), order(minutes=5), add(days=1), order(days=8.5))
    shop.mark(days=20)
    assert labels(shop, "buys") == [1, 0]


def test_an_order_that_is_late_still_says_yes_to_what_was_asked_before_it() -> None:
    shop = Shop(asking(buys=BUYS))
    shop.sees(add(), order(days=7.5))
    shop.sees(order(days=6, order_id="late"))
    shop.mark(days=20)
    assert labels(shop, "buys") == [1]


def test_only_an_event_with_the_values_that_are_asked_for_answers() -> None:
    pages = {**BUYS, "event": ["clicked", "opened"], "where": {"channel": "sms"}}
    shop = Shop(asking(pages=pages))
    shop.sees(add(), clicked(days=1))
    shop.mark(days=20)
    assert labels(shop, "pages") == [0]


def test_numbers_of_the_horizon_are_what_the_ledger_says_when_it_is_over() -> None:
    shop = Shop(asking(orders=ORDERS, revenue=REVENUE, next=NEXT))
    shop.sees(order(order_id="first"), order(days=3, pounds=20, order_id="a"), order(days=27, pounds=5, order_id="b"))
    shop.sees(refund(days=28.5, pounds=5, order_id="b"), order(days=40))
    shop.mark(days=29.01)
    assert labels(shop, "orders")[:1] == [2]
    assert labels(shop, "revenue")[:1] == [25]
    assert labels(shop, "next")[:1] == [3]


def test_what_is_corrected_and_given_back_within_the_horizon_is_in_the_answer() -> None:
    shop = Shop(asking(revenue=REVENUE))
    shop.sees(order(order_id="first"), order(days=3, pounds=20, order_id="a"))
    shop.sees(order(days=3.5, pounds=12, order_id="a", event_id="again"), refund(days=4, pounds=2, order_id="a"))
    shop.mark(days=40)
    assert labels(shop, "revenue")[:1] == [10]


def test_who_does_not_order_within_the_horizon_is_known_only_to_order_later() -> None:
    shop = Shop(asking(next=NEXT))
    shop.sees(order())
    shop.mark(days=40)
    assert labels(shop, "next")[:1] == [28]


def test_orders_do_not_ask_again_what_time_asks_and_the_first_after_a_long_quiet_does() -> None:
    shop = Shop(asking(orders={**ORDERS, "ask_until_quiet_days": 30}))
    shop.sees(order(), order(days=1), order(days=2), order(days=13))
    shop.mark(days=120)
    assert len(labels(shop, "orders")) == 4  # at 0, 14, 28 and 42 days
    shop.sees(order(days=130))
    assert len(shop.ada.questions) == 1


def test_who_is_asked_too_often_is_asked_no_more_and_what_was_asked_first_is_learned() -> None:
    shop = Shop(asking(buys=BUYS))
    shop.sees(*[add(minutes=each) for each in range(20)])
    shop.mark(days=20)
    assert len(labels(shop, "buys")) == 12
    assert min(each.asked_ms for outcome in shop.outcomes for each in outcome.examples) == at_ms()


def test_a_message_is_asked_about_when_it_is_sent_and_only_its_own_click_counts() -> None:
    shop = Shop(asking(clicks=CLICKS))
    shop.sees(sent(message_id="one"), sent(days=1, message_id="two"), clicked(days=1.5, message_id="two"))
    shop.mark(days=10)
    assert labels(shop, "clicks") == [0, 1]


def test_an_open_is_no_click_and_one_after_the_horizon_is_none() -> None:
    shop = Shop(asking(clicks=CLICKS))
    shop.sees(sent(message_id="one"), opened(days=1, message_id="one"), clicked(days=3.5, message_id="one"))
    shop.mark(days=10)
    assert labels(shop, "clicks") == [0]


def test_probabilities_are_scores_and_numbers_are_forecasts_with_their_unit() -> None:
    rules = asking(**ALL)
    shop = Shop(rules, with_versions(rules))
    shop.sees(add(), order(minutes=5), sent(minutes=9))
    said = [each for outcome in shop.outcomes for each in outcome.decisions]
    assert {each.model for each in said if isinstance(each, Score)} == {"buys", "clicks"}
    assert {(each.model, each.unit) for each in said if isinstance(each, Forecast)} == {
        ("orders", "orders"), ("revenue", "net_revenue"), ("next", "days")
    }  # fmt: skip
    [middle] = [each for each in said if isinstance(each, Forecast) and each.model == "next"]
    assert middle.low is not None
    assert middle.high is not None
    assert 0 <= middle.low <= middle.value <= middle.high


histories = st.lists(events, max_size=12)


@pytest.mark.slow
@given(histories, histories, histories)
def test_what_was_asked_of_any_kind_does_not_depend_on_what_came_later(
    past: list[Event], one_future: list[Event], another: list[Event]
) -> None:
    features = sorted(FEATURES.keys() - LABELS - OF_MESSAGES)[:30]
    tables = {name: {**each, "features": features} for name, each in ALL.items()}
    rules = asking(**tables)
    seen = []
    past = [order(event_id="first"), *(event for event in past if event.type != "erasure_requested")]
    for future in (one_future, another):
        shop = Shop(rules, with_versions(rules))
        shop.sees(*moved(past, 0))
        shop.mark(days=130)
        said = [decision for outcome in shop.outcomes for decision in outcome.decisions]
        answered = [each for outcome in shop.outcomes for each in outcome.examples]
        shop.sees(*(event for event in moved(future, 130 * 24 * 60 + 1) if event.type != "erasure_requested"))
        shop.mark(days=300)
        later = [each for outcome in shop.outcomes for each in outcome.examples]
        seen.append((said, [(each.model, each.asked_ms, each.features, each.score) for each in later[: len(answered)]]))
    assert seen[0] == seen[1]


def test_a_trait_is_a_category_of_its_own_for_each_value() -> None:
    table = {**BUYS, "features": [*NUMBERS, "trait.country"]}
    shop = Shop(asking(buys=table))
    shop.sees(identified(traits={"country": "New Zealand = NZ"}), add(minutes=5), add(minutes=9, customer_id="bo"))
    shop.mark(days=20)
    found = [each.features for outcome in shop.outcomes for each in outcome.examples]
    assert sorted(set(found[0]) ^ set(found[1])) == ["trait.country=New Zealand = NZ"]


@given(st.text(max_size=40), st.floats(allow_nan=False, allow_infinity=False))
def test_a_vector_is_read_again_as_it_was(category: str, number: float) -> None:
    values = (number, category.encode(errors="replace").decode(), 0.5)
    assert vector_of(in_text(values)) == values


def test_what_a_category_means_is_learned_and_comes_back_from_a_snapshot() -> None:
    prediction = asked(asking(buys={**BUYS, "features": [*NUMBERS, "trait.country"]}), "buys")
    model = prediction.new_model()
    for number in range(600):
        country = ("GB", "DE")[number % 2]
        prediction.learn(model, by_name(prediction.features, (0.5, 1.0 + number % 3, country)), number % 2)
    scorer = prediction.scorer(unpack(pack(model), prediction))
    german, british = (scorer.score({"log_orders": 0.5, f"trait.country={each}": 1.0}) for each in ("DE", "GB"))
    assert german.value > 0.7
    assert british.value < 0.3
    assert german.reasons == ("+trait.country=DE",)


def test_a_trait_with_more_values_than_anybody_learns_grows_no_further() -> None:
    prediction = asked(asking(buys={**BUYS, "features": ["trait.email"]}), "buys")
    model = prediction.new_model()
    for number in range(500):
        prediction.learn(model, {f"trait.email=a{number}@example.com": 1.0}, number % 2)
    assert len(pack(model)) < 20_000


@pytest.mark.parametrize("name", ALL)
def test_a_model_of_every_kind_comes_back_and_learns_on_as_if_it_had_never_been_away(name: str) -> None:
    prediction = asked(asking(**{name: ALL[name]}), name)
    one = prediction.new_model()
    for number in range(50):
        prediction.learn(one, {"log_orders": number % 5, "log_recency_weeks": number % 7}, number % 2)
    other = unpack(pack(one), prediction)
    for model in (one, other):
        prediction.learn(model, {"log_orders": 3.0, "log_recency_weeks": 2.0}, 1)
    assert pack(one) == pack(other)


def test_numbers_follow_what_they_depend_on() -> None:
    cases: dict[str, dict[str, Any]] = {"orders": ORDERS, "next": NEXT}
    for name, table in cases.items():
        prediction = asked(asking(**{name: table}), name)
        model = prediction.new_model()
        for number in range(3_000):
            orders = number % 10
            prediction.learn(model, {"log_orders": float(orders), "log_recency_weeks": 1.0}, float(2 * orders))
        low, high = (
            prediction.scorer(model).score({"log_orders": each, "log_recency_weeks": 1.0}).value for each in (2.0, 8.0)
        )
        assert 2.5 < low < 5.5
        assert 13 < high < 19


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({**BUYS, "event": "order_plaed"}, "no event 'order_plaed'; did you mean 'order_placed'"),
        ({**BUYS, "where": {"colour": "red"}}, "order_placed has no 'colour'"),
        ({**BUYS, "ask_on": []}, "it is never asked: say ask_on, ask_every_days or both"),
        ({**BUYS, "learner": {"kind": "quantile_regression"}}, "event needs a learner of a probability"),
        ({**ORDERS, "learner": {"kind": "logistic_regression"}}, "amount needs a learner of a"),
        ({**ORDERS, "features": ["trait.country"]}, "bayesian_regression knows no categories"),
        ({**ORDERS, "features": ["best_hour"]}, "knows no categories: leave out best_hour"),
        (
            {**ORDERS, "features": sorted(FEATURES.keys() - LABELS)[:40]},
            "bayesian_regression learns from 31 features at most",
        ),
        ({**ORDERS, "learner": {"kind": "deep"}}, "no learner 'deep'"),
        ({**ORDERS, "ask_every_days": 1}, "at most 12 questions may be open"),
        ({**CLICKS, "ask_on": "opened"}, "it is asked when a message is sent"),
    ],
)
def test_what_cannot_be_asked_or_learned_says_why(table: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        asking(model=table)
