import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.features import FEATURES
from streamproc.events.decisions import Score
from streamproc.events.raw import Event
from streamproc.events.times import MINUTE_MS
from streamproc.models.vectors import Vector, vector_of
from tests.builders import NO_MODELS, NOON_MS, Shop, order, plan, release
from tests.strategies import events

ALL_FEATURES = {"features": sorted(FEATURES)}
RULES = plan(churn=ALL_FEATURES)
BANK = NO_MODELS.with_release(release(RULES.models["churn"]))
DAY = 24 * 60

histories = st.lists(events, max_size=12)


def moved(happened: list[Event], minutes: int) -> list[Event]:
    """These events in the order of time, all of them `minutes` or more after noon of the first day."""
    first = min((event.occurred_at for event in happened), default=None)
    return [] if first is None else sorted(
        (event.model_copy(update={"occurred_at": order(minutes=minutes).occurred_at + (event.occurred_at - first),
                                  "event_id": f"{minutes}-{number}"})
         for number, event in enumerate(happened)),
        key=lambda event: event.occurred_at,
    )  # fmt: skip


def asked_until(day: int, shop: Shop) -> set[tuple[int, Vector, float | None, str | None]]:
    """What was asked until then, answered or open, with features and score; without the answers."""
    until = NOON_MS + day * DAY * MINUTE_MS
    answered = [example for outcome in shop.outcomes for example in outcome.examples]
    still_open = [question for customer in shop.customers.values() for question in customer.questions]
    return {
        (a.asked_ms, tuple(a.features.values()), a.score, a.model_version) for a in answered if a.asked_ms <= until
    } | {(q.asked_ms, vector_of(q.features), q.score, q.model_version) for q in still_open if q.asked_ms <= until}


@pytest.mark.slow
@settings(deadline=None)
@given(histories, histories, histories)
def test_what_was_asked_does_not_depend_on_what_came_later(
    past: list[Event], one_future: list[Event], another: list[Event]
) -> None:
    shops = []
    past = [order(event_id="first"), *(event for event in past if event.type != "erasure_requested")]
    for future in (one_future, another):
        shop = Shop(RULES, BANK)
        shop.sees(*moved(past, 0))
        shop.mark(days=130)
        shop.sees(*(event for event in moved(future, 130 * DAY + 1) if event.type != "erasure_requested"))
        shop.mark(days=300)
        shops.append(shop)
    assert asked_until(130, shops[0]) == asked_until(130, shops[1])
    assert asked_until(130, shops[0])


def test_features_and_score_of_an_answer_are_those_of_the_question() -> None:
    shop = Shop(RULES, BANK)
    [first] = shop.sees(order())
    [score] = [decision for decision in first.decisions if isinstance(decision, Score)]
    [second] = shop.sees(order(days=5, pounds=500))
    [example] = second.examples
    assert (example.score, example.model_version, example.label) == (score.probability, "churn-1", 0)
    assert example.features["orders_total"] == 1
    assert example.features["revenue_total"] == 10
    assert (example.asked_ms, example.answered_ms) == (NOON_MS, NOON_MS + 5 * DAY * MINUTE_MS)


def test_a_weekly_question_that_was_due_before_an_order_is_asked_first_and_answered_by_it() -> None:
    shop = Shop(RULES, BANK)
    shop.sees(order())
    [outcome] = shop.sees(order(days=10))
    assert [(e.asked_ms, e.label) for e in outcome.examples] == [
        (NOON_MS, 0),
        (NOON_MS + 7 * DAY * MINUTE_MS, 0),
    ]
    assert [e.features["orders_total"] for e in outcome.examples] == [1, 1]


def test_a_late_order_asks_nothing_since_later_ones_are_known() -> None:
    shop = Shop(RULES, BANK)
    shop.sees(order(days=10))
    [late] = shop.sees(order(days=3))
    assert not late.decisions
    assert [question.asked_ms for question in shop.ada.questions] == [NOON_MS + 10 * DAY * MINUTE_MS]


def test_a_late_order_still_answers_what_was_asked_before_it_and_only_that() -> None:
    shop = Shop(RULES, BANK)
    shop.sees(order())
    shop.mark(days=15)
    [late] = shop.sees(order(days=10))
    assert [(example.asked_ms - NOON_MS, example.label) for example in late.examples] == [
        (0, 0),
        (7 * DAY * MINUTE_MS, 0),
    ]
    assert NOON_MS + 14 * DAY * MINUTE_MS in [question.asked_ms for question in shop.ada.questions]


def test_silence_answers_churned_a_day_after_the_horizon() -> None:
    shop = Shop(RULES, BANK)
    shop.sees(order())
    assert not any(outcome.examples for outcome in shop.mark(days=28.99))
    [example] = [example for outcome in shop.mark(days=29) for example in outcome.examples]
    assert (example.label, example.asked_ms) == (1, NOON_MS)


def test_without_a_released_version_there_are_questions_and_no_scores() -> None:
    shop = Shop(RULES)
    [outcome] = shop.sees(order())
    assert outcome.decisions == ()
    assert [question.score for question in shop.ada.questions] == [None]


def test_a_question_of_another_list_of_features_is_closed_and_not_learned_from() -> None:
    shop = Shop(RULES)
    shop.sees(order())
    shop.plan = plan()
    [outcome] = shop.sees(order(days=1))
    assert outcome.examples == ()
    assert len(shop.ada.questions) == 1


def test_an_example_names_nobody() -> None:
    shop = Shop(RULES)
    shop.sees(order())
    [outcome] = shop.sees(order(days=1))
    assert "ada" not in repr(outcome.examples)
