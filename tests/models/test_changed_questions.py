"""What is asked, and how it is learned, may change under a name: nothing ends, and nothing is taken for another."""

from typing import Any

import pytest
from pydantic import ValidationError

from streamproc.learn.codec import decode_learner, encode_learner
from streamproc.learn.learner import new_learner
from streamproc.models.config import ModelSettings
from streamproc.models.kind import Prediction
from tests.builders import KEY, NO_MODELS, Shop, add, at_ms, delivered, erasure, identified, order, view
from tests.learn.test_learner import example
from tests.models.test_prediction_kinds import BUYS, NEXT, NUMBERS, ORDERS, REVENUE, asking, labels, with_versions

EVERY_WEEK: dict[str, Any] = {
    "kind": "event", "event": "order_placed", "horizon_days": 28, "ask_every_days": 7, "features": NUMBERS,
}  # fmt: skip
BAYES = {"kind": "bayesian_regression"}
QUANTILES = {"kind": "quantile_regression"}


def one(table: dict[str, Any]) -> Prediction:
    return ModelSettings.model_validate({"x": table})["x"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ORDERS, REVENUE),
        (ORDERS, {**ORDERS, "learner": QUANTILES}),
        ({**ORDERS, "challengers": {"c": QUANTILES}}, {**ORDERS, "challengers": {"c": BAYES}}),
        ({**ORDERS, "challengers": {"c": QUANTILES}}, {**ORDERS, "learner": QUANTILES, "challengers": {"c": BAYES}}),
        (BUYS, ORDERS),
        (NEXT, {**ORDERS, "learner": QUANTILES}),
        (NEXT, BUYS),
        (BUYS, {"kind": "churn", "features": NUMBERS}),
        (ORDERS, {"kind": "offer_reward", "features": NUMBERS}),
    ],
)
def test_a_learner_goes_on_under_any_other_table_and_names_no_version_twice(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    old, new = (one({**each, "release_every": 10}) for each in (before, after))
    learner = new_learner("x", old)
    versions = []
    for prediction in (old, new):
        learner = decode_learner(encode_learner(learner), {"x": prediction})
        cards = [learner.learn(example(moment, label=moment % 2), prediction, KEY) for moment in range(25)]
        versions += [card.version for card in cards if card]
    assert versions == sorted(set(versions))
    assert len(versions) == 5
    assert encode_learner(decode_learner(encode_learner(learner), {"x": new})) == encode_learner(learner)


def test_questions_of_another_definition_are_not_learned_from() -> None:
    shop = Shop(asking(x=ORDERS))
    shop.sees(order())
    shop.plan = asking(x=REVENUE)
    shop.mark(days=13)
    shop.sees(order(days=13.5))
    shop.mark(days=60)
    found = [each.asked_ms for outcome in shop.outcomes for each in outcome.examples]
    assert found
    assert at_ms() not in found


def test_questions_of_a_prediction_that_is_gone_are_given_up() -> None:
    shop = Shop(asking(x=ORDERS))
    shop.sees(order())
    shop.plan = asking(y=NEXT)
    shop.mark(days=30)
    assert not shop.ada.questions


def test_nobody_is_asked_about_who_was_erased() -> None:
    rules = asking(x=EVERY_WEEK)
    shop = Shop(rules, with_versions(rules))
    shop.sees(view(), erasure(days=1))
    told = len(shop.outcomes)
    shop.mark(days=400)
    later = shop.outcomes[told - 1 :]
    assert not [each for outcome in later for each in (*outcome.decisions, *outcome.examples)]


def test_without_named_events_only_the_first_asks_and_then_time() -> None:
    shop = Shop(asking(x=EVERY_WEEK))
    shop.sees(*[view(minutes=each) for each in range(10)])
    shop.mark(days=15)
    assert [each.asked_ms for each in shop.ada.questions] == [at_ms(days=each) for each in (0, 7, 14)]


def test_what_is_sent_to_somebody_is_nothing_that_he_did() -> None:
    table = {**EVERY_WEEK, "ask_on": "page_viewed", "ask_until_quiet_days": 30}
    asked = []
    for mails in (0, 60):
        shop = Shop(asking(x=table))
        shop.sees(view(), *[delivered(f"m{each}", days=5 * each + 1) for each in range(mails)])
        shop.mark(days=400)
        asked.append(len(labels(shop, "x")))
    assert asked[0] == asked[1] == 5


def test_a_silent_visitor_is_not_asked_what_nobody_will_know_and_else_learned_like_others() -> None:
    visitor = {"customer_id": None, "anonymous_id": "v"}
    for horizon, learned in ((60, [0, 0, 0, 0]), (90, [])):
        shop = Shop(asking(x={**EVERY_WEEK, "horizon_days": horizon, "ask_every_days": 8}))
        shop.sees(view(**visitor))
        shop.mark(days=400)
        assert labels(shop, "x") == learned


def test_no_question_sees_what_came_after_the_time_at_which_it_was_due() -> None:
    table = {**EVERY_WEEK, "horizon_days": 82, "ask_on": "cart_added"}
    shop = Shop(asking(x=table))
    shop.sees(*[add(minutes=each) for each in range(12)])
    shop.mark(days=6)
    shop.sees(view(days=7.1), order(days=7.2))
    shop.mark(days=200)
    found = [each for outcome in shop.outcomes for each in outcome.examples]
    assert all(each.features["log_orders"] == 0 for each in found if each.asked_ms < at_ms(days=7.2))


def test_offers_learn_of_numbers_alone_and_check_says_so() -> None:
    with pytest.raises(ValidationError, match=r"leave out trait\.country"):
        one({"kind": "offer_reward", "features": ["trait.country"]})


def test_a_category_takes_no_more_room_than_it_is_counted_for() -> None:
    shop = Shop(asking(buys={**BUYS, "features": ["trait.country"]}), NO_MODELS)
    shop.sees(identified(traits={"country": "\U0001f6d2" * 60}), add(minutes=5))
    [question] = shop.ada.questions
    assert 60 < len(question.features) <= 101
