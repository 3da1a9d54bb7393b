"""Ask what the predictions ask, score the customer while asking, and answer what was asked before."""

from hashlib import blake2b

from streamproc.customer.questions import Question
from streamproc.customer.state import LastScore
from streamproc.decide.moment import Moment
from streamproc.events.decisions import Score
from streamproc.events.training import Example
from streamproc.models.kind import AskedPrediction, AskedPredictions
from streamproc.models.labels import (
    Answer,
    answer_due,
    answers_of_time,
    in_text,
    of_model,
    vector_of,
    with_question,
    without,
)


def ask_timer(name: str) -> str:
    """The timer that asks a prediction's question again."""
    return f"ask:{name}"


def answer_timer(name: str) -> str:
    """The timer that answers a prediction's next question."""
    return f"answer:{name}"


def answer_questions(moment: Moment, predictions: AskedPredictions) -> tuple[Example, ...]:
    """What this entry answers: an event, or time."""
    return tuple(example for name, prediction in predictions.items() for example in _answered(moment, name, prediction))


def ask_questions(moment: Moment, predictions: AskedPredictions) -> tuple[Score, ...]:
    """What is asked now, with the scores of those predictions that a version has been released of.

    History asks nothing: its questions would be about times that are over.
    """
    if moment.entry.is_backfill:
        return ()
    scores = (_asked(moment, name, prediction) for name, prediction in predictions.items())
    return tuple(score for score in scores if score is not None)


def _answered(moment: Moment, name: str, prediction: AskedPrediction) -> tuple[Example, ...]:
    customer, timer = moment.customer, answer_timer(name)
    is_due = moment.is_due(timer)
    if not is_due and not prediction.can_answer(moment):
        return ()
    asked = of_model(customer.questions, name)
    if is_due:
        answers = answers_of_time(asked, moment.now_ms, prediction.lateness_ms, prediction.silence)
    elif not (answers := prediction.answers(asked, moment)):
        return ()
    customer.questions = without(customer.questions, answers)
    moment.set_timer(timer, answer_due(of_model(customer.questions, name), prediction.lateness_ms))
    return tuple(
        _example(moment, answer, prediction)
        for answer in answers
        if answer.question.feature_set == prediction.feature_set
    )


def _asked(moment: Moment, name: str, prediction: AskedPrediction) -> Score | None:
    """Score the customer, and remember features and score until the answer is known."""
    customer, now = moment.customer, moment.now_ms
    if not prediction.asks(moment, is_due=moment.is_due(ask_timer(name))):
        return None
    vector = moment.features.vector(prediction.features)
    scored = moment.bank.score(name, dict(zip(prediction.features, vector, strict=True)))
    question = Question(
        name,
        now,
        now + prediction.horizon_ms,
        in_text(vector),
        prediction.feature_set,
        scored.probability if scored else None,
        scored.model_version if scored else None,
    )
    customer.questions = with_question(customer.questions, question)
    moment.set_timer(ask_timer(name), prediction.ask_due(customer, now))
    moment.set_timer(answer_timer(name), answer_due(of_model(customer.questions, name), prediction.lateness_ms))
    if scored is None:
        return None
    moment.scored[name] = scored
    customer.scores = {**customer.scores, name: LastScore(scored.probability, now, scored.model_version)}
    return Score(
        score_id=moment.decision_id(f"score:{name}"),
        model=name,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        probability=scored.probability,
        band=prediction.band(scored.probability),
        at=moment.at,
        model_version=scored.model_version,
        reasons=scored.reasons,
        plan_version=moment.plan_version,
        position=moment.entry.position,
    )


def _example(moment: Moment, answer: Answer, prediction: AskedPrediction) -> Example:
    question = answer.question
    subject = f"{moment.customer.key}|{question.asked_ms}"
    return Example(
        model=question.model,
        subject=blake2b(subject.encode(), digest_size=8).hexdigest(),
        asked_ms=question.asked_ms,
        answered_ms=moment.now_ms,
        due_ms=question.due_ms + prediction.lateness_ms,
        features=dict(zip(prediction.features, vector_of(question.features), strict=True)),
        label=answer.label,
        score=question.score,
        model_version=question.model_version,
    )
