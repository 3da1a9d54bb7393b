"""Ask what the predictions ask, score the customer while asking, and answer what was asked before."""

from dataclasses import replace
from functools import partial

from streamproc.customer.questions import Question, Questions
from streamproc.customer.state import Customer, LastScore
from streamproc.decide.moment import Moment
from streamproc.decide.offer_policies import OfferPolicy
from streamproc.decide.offers.question import is_control
from streamproc.decide.policy import Holdout, PolicySettings
from streamproc.decide.training_subject import training_subject
from streamproc.events.decisions import Forecast, Score
from streamproc.events.log import TimerDue
from streamproc.events.times import DAY_MS
from streamproc.events.training import Example
from streamproc.models.kind import HELD_OUT, AskedPrediction, AskedPredictions
from streamproc.models.labels import (
    Answer,
    answer_due,
    answers_of_time,
    has_room,
    of_model,
    with_question,
    without,
)
from streamproc.models.releases.bank import Scored
from streamproc.models.vectors import Vector, by_name, in_text, vector, vector_of

ANSWER = "answer:"
"""How the name of a timer begins that answers questions."""


def ask_timer(name: str) -> str:
    """The timer that asks a prediction's question again."""
    return f"ask:{name}"


def answer_timer(name: str) -> str:
    """The timer that answers a prediction's next question."""
    return ANSWER + name


def answer_questions(
    moment: Moment, predictions: AskedPredictions, offers: OfferPolicy, holdout: Holdout
) -> tuple[Example, ...]:
    """What this entry answers: an event, or time; held out is who is of either control."""
    _give_up(moment, predictions)
    found = [example for name, prediction in predictions.items() for example in _answered(moment, name, prediction)]
    key = moment.customer.key
    if found and (is_control(key, offers) or holdout.has(key)):
        found = [each if HELD_OUT in each.features else replace(each, held_out=True) for each in found]
    return tuple(found)


def _give_up(moment: Moment, predictions: AskedPredictions) -> None:
    """The open questions of a prediction that is asked no more are given up when the first of them is due."""
    event = moment.entry.event
    if not isinstance(event, TimerDue) or not event.name.startswith(ANSWER):
        return
    name = event.name.removeprefix(ANSWER)
    if name not in predictions:
        kept = [question for question in moment.customer.questions if question.model != name]
        moment.customer.questions = Questions.of(kept)


def ask_questions(
    moment: Moment, predictions: AskedPredictions, policy: PolicySettings
) -> tuple[Score | Forecast, ...]:
    """What is asked now, with the scores of those predictions that a version has been released of.

    History asks nothing: its questions would be about times that are over. Nor is anybody asked about who was erased
    and has not come again.
    """
    if not can_be_asked(moment):
        return ()
    scores = (_asked(moment, name, prediction, policy) for name, prediction in predictions.items())
    return tuple(score for score in scores if score is not None)


def can_be_asked(moment: Moment) -> bool:
    """Whether it is no history, and about nobody who was erased and has not come again."""
    customer = moment.customer
    is_gone = customer.erased_ms is not None and customer.last_seen_ms <= customer.erased_ms
    return not moment.entry.is_backfill and not is_gone


def _answered(moment: Moment, name: str, prediction: AskedPrediction) -> tuple[Example, ...]:
    customer, timer = moment.customer, answer_timer(name)
    is_due = moment.is_due(timer)
    if not is_due and not prediction.can_answer(moment):
        return ()
    asked = of_model(customer.questions, name)
    if is_due:
        label = partial(prediction.answer_of_time, customer=customer)
        answers = answers_of_time(asked, moment.now_ms, prediction.lateness_ms, label)
    elif not (answers := prediction.answers(asked, moment)):
        return ()
    customer.questions = without(customer.questions, answers)
    moment.set_timer(timer, answer_due(of_model(customer.questions, name), prediction.lateness_ms))
    return tuple(
        _example(moment, answer, prediction)
        for answer in answers
        if answer.question.feature_set == prediction.feature_set
    )


def _asked(moment: Moment, name: str, prediction: AskedPrediction, policy: PolicySettings) -> Score | Forecast | None:
    """Score the customer, and remember features and score until the answer is known."""
    customer, now = moment.customer, moment.now_ms
    is_due = moment.is_due(ask_timer(name))
    if prediction.by_time_alone and not is_due and ask_timer(name) in customer.timers:
        return None
    if not prediction.asks(moment, is_due=is_due):
        return None
    moment.set_timer(ask_timer(name), prediction.ask_due(customer, now))
    if (is_due and now < customer.last_seen_ms) or not _can_wait(customer, name, now, prediction, policy):
        return None
    values = vector(moment.features, prediction.features, has_categories=prediction.has_categories)
    scored = moment.bank.score(name, by_name(prediction.features, values))
    remember(moment, name, prediction, values, scored)
    return None if scored is None else tell(moment, name, prediction, scored)


def remember(moment: Moment, name: str, prediction: AskedPrediction, values: Vector, scored: Scored | None) -> None:
    """Keep the question, with what was known and said when it was asked, until its answer is known."""
    customer, now = moment.customer, moment.now_ms
    question = Question(
        name,
        now,
        now + prediction.horizon_ms,
        in_text(values),
        prediction.feature_set,
        scored.value if scored else None,
        scored.model_version if scored else None,
    )
    customer.questions = with_question(customer.questions, question)
    moment.set_timer(answer_timer(name), answer_due(of_model(customer.questions, name), prediction.lateness_ms))


def tell(moment: Moment, name: str, prediction: AskedPrediction, scored: Scored) -> Score | Forecast:
    """Keep a score as what was said last, and say it."""
    customer = moment.customer
    moment.scored[name] = scored
    customer.scores = {**customer.scores, name: LastScore(scored.value, moment.now_ms, scored.model_version)}
    return _said(moment, name, prediction, scored)


def _can_wait(customer: Customer, name: str, now_ms: int, prediction: AskedPrediction, policy: PolicySettings) -> bool:
    """Whether the answer will be there, whatever it is.

    Were the oldest question to give way to it, nothing would be learned of just those who are asked most; and of
    visitors who are forgotten before it is due, only those would be learned who come again.
    """
    told_ms = now_ms + prediction.horizon_ms + prediction.lateness_ms
    is_kept = customer.is_identified or told_ms <= customer.last_seen_ms + round(policy.visitor_days * DAY_MS)
    return is_kept and has_room(customer.questions, name)


def _said(moment: Moment, name: str, prediction: AskedPrediction, scored: Scored) -> Score | Forecast:
    """What is told of it: a score of a probability, a forecast of a number."""
    if prediction.unit is None:
        return Score(
            score_id=moment.decision_id(f"score:{name}"),
            model=name,
            customer_id=moment.subject.customer_id,
            anonymous_id=moment.subject.anonymous_id,
            probability=scored.value,
            band=prediction.band(scored.value),
            at=moment.at,
            model_version=scored.model_version,
            reasons=scored.reasons,
            plan_version=moment.plan_version,
            position=moment.entry.position,
        )
    return Forecast(
        forecast_id=moment.decision_id(f"score:{name}"),
        model=name,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        value=scored.value,
        low=scored.low,
        high=scored.high,
        unit=prediction.unit,
        band=prediction.band(scored.value),
        horizon_days=prediction.horizon_days,
        at=moment.at,
        model_version=scored.model_version,
        reasons=scored.reasons,
        plan_version=moment.plan_version,
        position=moment.entry.position,
    )


def _example(moment: Moment, answer: Answer, prediction: AskedPrediction) -> Example:
    question = answer.question
    features = by_name(prediction.asked_with, vector_of(question.features))
    treatment = features.get(HELD_OUT)
    return Example(
        model=question.model,
        subject=training_subject(moment, question.model, question.asked_ms),
        asked_ms=question.asked_ms,
        answered_ms=moment.now_ms,
        due_ms=question.due_ms + prediction.lateness_ms,
        features=features,
        label=answer.label,
        score=question.score,
        model_version=question.model_version,
        treated=_was_treated(moment.customer, question) if treatment is None else not treatment,
        held_out=bool(treatment),
    )


def _was_treated(customer: Customer, question: Question) -> bool:
    """Whether a message or an offer went out since the question was asked; of each kind only the last is known."""
    last = (*[each.at_ms for each in customer.fired.values()], *customer.offered.values())
    return any(at_ms > question.asked_ms for at_ms in last)
