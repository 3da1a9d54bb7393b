"""Churn questions and their answers.

A question stores the features and the score of the moment of asking; the answer comes later: 0 with an order within
the horizon, 1 when the horizon has passed without one. So no feature can look into the future.
"""

from dataclasses import dataclass

from streamproc.customer.state import MAX_QUESTIONS, Customer, Question
from streamproc.events.times import DAY_MS
from streamproc.models.config import ChurnSettings


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its label: 1 = churned."""

    question: Question
    label: int


def answers_of_order(questions: tuple[Question, ...], order_ms: int) -> tuple[Answer, ...]:
    """What an order says: stayed, if it came within the horizon of a question; churned, if after it."""
    return tuple(
        Answer(question, 0 if order_ms <= question.due_ms else 1)
        for question in questions
        if order_ms > question.asked_ms
    )


def answers_of_time(questions: tuple[Question, ...], now_ms: int, lateness_ms: int) -> tuple[Answer, ...]:
    """Whose horizon has passed, late orders waited for: churned."""
    return tuple(Answer(question, 1) for question in questions if question.due_ms + lateness_ms <= now_ms)


def without(questions: tuple[Question, ...], answers: tuple[Answer, ...]) -> tuple[Question, ...]:
    """The questions that are still open."""
    answered = {answer.question for answer in answers}
    return tuple(question for question in questions if question not in answered)


def with_question(questions: tuple[Question, ...], question: Question) -> tuple[Question, ...]:
    """One more open question; one asked at the same moment is replaced, the oldest gives way if there are too many."""
    others = [known for known in questions if known.asked_ms != question.asked_ms]
    return (*others, question)[-MAX_QUESTIONS:]


def answer_due(questions: tuple[Question, ...], settings: ChurnSettings) -> int | None:
    """When time answers the next question."""
    return min(question.due_ms for question in questions) + settings.lateness_ms if questions else None


def ask_due(customer: Customer, now_ms: int, settings: ChurnSettings) -> int | None:
    """When to ask again: weekly as long as the customer has ordered within the last year (both settings)."""
    last = customer.last_order_ms
    due = now_ms + settings.ask_every_days * DAY_MS
    if last is None or due - last > settings.ask_until_quiet_days * DAY_MS:
        return None
    return due
