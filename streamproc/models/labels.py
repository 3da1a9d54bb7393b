"""Questions and their answers.

A question stores the features and the score of the moment of asking; the answer comes later: by an event, or when the
horizon has passed without one. So no feature can look into the future.
"""

from collections.abc import Callable

from streamproc.customer.questions import Question, Questions
from streamproc.customer.state import MAX_QUESTIONS
from streamproc.value import value

Asked = tuple[Question, ...]
"""The questions of one prediction."""


@value
class Answer:
    """A question with its label: 0 or 1, or a number in the unit of what is asked for."""

    question: Question
    label: float


def of_model(questions: Questions, name: str) -> Asked:
    """The questions of one prediction."""
    return tuple([question for question in questions if question.model == name])


def answers_of_time(
    asked: Asked, now_ms: int, lateness_ms: int, label: Callable[[Question], float]
) -> tuple[Answer, ...]:
    """Those whose horizon has passed, late events waited for."""
    return tuple(Answer(question, label(question)) for question in asked if question.due_ms + lateness_ms <= now_ms)


def without(questions: Questions, answers: tuple[Answer, ...]) -> Questions:
    """The questions that are still open."""
    answered = {answer.question for answer in answers}
    return Questions.of(question for question in questions if question not in answered)


def has_room(questions: Questions, name: str) -> bool:
    """Whether one more question of a prediction can be open."""
    return len(of_model(questions, name)) < MAX_QUESTIONS


def with_question(questions: Questions, question: Question) -> Questions:
    """One more open question.

    One that was asked at the same moment is replaced; if its prediction has too many, as after a merge, the newest are
    given up, as they would not have been asked.
    """
    others = tuple(known for known in questions if known.model != question.model)
    mine = [known for known in of_model(questions, question.model) if known.asked_ms != question.asked_ms]
    kept = [*mine, question]
    if len(kept) > MAX_QUESTIONS:
        kept = sorted(kept, key=lambda each: each.asked_ms)[:MAX_QUESTIONS]
    return Questions.of((*others, *kept))


def answer_due(asked: Asked, lateness_ms: int) -> int | None:
    """When time answers the next of these questions."""
    return min(question.due_ms for question in asked) + lateness_ms if asked else None
