import pytest
from pydantic import ValidationError

from streamproc.customer.questions import NO_QUESTIONS, Question, Questions
from streamproc.customer.state import MAX_QUESTIONS
from streamproc.events.times import DAY_MS
from streamproc.models.kinds.churn import ChurnPrediction, answers_of_order
from streamproc.models.labels import answer_due, answers_of_time, with_question, without
from tests.builders import CHURN, at_ms, folded, order, view

SETTINGS = ChurnPrediction.model_validate(CHURN)


def question(*, days: float = 0, horizon_days: float = 28, name: str = "churn") -> Question:
    return Question(name, at_ms(days=days), at_ms(days=days + horizon_days), "1", "set", None, None)


def labels(*answers: object) -> list[int]:
    return [answer.label for answer in answers]  # type: ignore[attr-defined]  # Answers


def test_an_order_within_the_horizon_says_stayed() -> None:
    assert labels(*answers_of_order((question(),), at_ms(days=3))) == [0]


def test_an_order_at_the_end_of_the_horizon_says_stayed() -> None:
    assert labels(*answers_of_order((question(),), at_ms(days=28))) == [0]


def test_an_order_after_the_horizon_says_churned() -> None:
    assert labels(*answers_of_order((question(),), at_ms(days=28) + 1)) == [1]


@pytest.mark.parametrize("days", [0, -1])
def test_an_order_at_the_moment_of_asking_or_before_answers_nothing(days: float) -> None:
    assert answers_of_order((question(),), at_ms(days=days)) == ()


def test_an_order_answers_every_question_asked_before_it() -> None:
    asked = (question(), question(days=7), question(days=30))
    assert labels(*answers_of_order(asked, at_ms(days=29))) == [1, 0]


def churned(_: Question) -> float:
    return 1


def test_time_says_churned_when_late_orders_can_no_longer_come() -> None:
    due, lateness = at_ms(days=28), DAY_MS
    assert answers_of_time((question(),), due + lateness - 1, lateness, churned) == ()
    assert labels(*answers_of_time((question(),), due + lateness, lateness, churned)) == [1]


def test_answered_questions_are_closed() -> None:
    asked = (question(), question(days=7))
    assert tuple(without(Questions.of(asked), answers_of_order(asked, at_ms(days=3)))) == (question(days=7),)


def test_a_question_of_the_same_moment_is_replaced() -> None:
    again = question(horizon_days=14)
    asked = Questions.of((question(), question(days=7)))
    assert tuple(with_question(asked, again)) == (question(days=7), again)


def test_open_questions_are_bounded() -> None:
    asked = NO_QUESTIONS
    for day in range(MAX_QUESTIONS + 3):
        asked = with_question(asked, question(days=day))
    assert list(asked) == [question(days=day) for day in range(MAX_QUESTIONS)]


def test_a_prediction_never_takes_another_one_s_place() -> None:
    other = question(name="churn_90")
    asked = Questions.of((other,))
    for day in range(MAX_QUESTIONS + 1):
        asked = with_question(asked, question(days=day))
    assert list(asked) == [other, *(question(days=day) for day in range(MAX_QUESTIONS))]


def test_time_s_next_answer_is_that_of_the_oldest_question() -> None:
    assert answer_due((question(days=7), question()), DAY_MS) == at_ms(days=29)
    assert answer_due((), DAY_MS) is None


def test_questions_are_weekly_until_a_year_after_the_last_order() -> None:
    assert SETTINGS.ask_due(folded(order()), at_ms(days=1)) == at_ms(days=8)
    assert SETTINGS.ask_due(folded(order()), at_ms(days=358)) == at_ms(days=365)
    assert SETTINGS.ask_due(folded(order()), at_ms(days=359)) is None


def test_who_never_ordered_is_asked_nothing() -> None:
    assert SETTINGS.ask_due(folded(view()), at_ms()) is None


def test_more_open_questions_than_there_is_room_for_are_a_mistake() -> None:
    assert ChurnPrediction.model_validate(CHURN | {"horizon_days": 11, "ask_every_days": 1}).horizon_days == 11
    with pytest.raises(ValidationError, match="at most 12 questions may be open"):
        ChurnPrediction.model_validate(CHURN | {"horizon_days": 12, "ask_every_days": 1})


@pytest.mark.parametrize(
    ("probability", "band"), [(0, "low"), (0.4999, "low"), (0.5, "medium"), (0.8, "high"), (1, "high")]
)
def test_a_probability_has_a_band(probability: float, band: str) -> None:
    assert SETTINGS.bands.of(probability) == band
