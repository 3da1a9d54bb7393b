"""Ask whether the customer will churn, score them while asking, and answer what was asked before."""

from hashlib import blake2b

from streamproc.customer.state import MAX_QUESTIONS, Customer, LastScore, Question
from streamproc.decide.moment import Moment
from streamproc.events.decisions import Score
from streamproc.events.log import Entry, TimerDue
from streamproc.events.training import Example
from streamproc.models.churn import MODEL
from streamproc.models.config import ChurnSettings
from streamproc.models.labels import (
    Answer,
    answer_due,
    answers_of_order,
    answers_of_time,
    ask_due,
    with_question,
    without,
)

ASK, ANSWER = f"ask:{MODEL}", f"answer:{MODEL}"


def has_ordered(moment: Moment) -> bool:
    """Whether this entry is an order that counts."""
    return moment.customer.orders > (moment.before.orders if moment.before else 0)


def overdue_question(state: Customer | None, entry: Entry) -> Entry | None:
    """The weekly question, if it was due before this event: it is asked first, so that it cannot see the event.

    Marks wake it otherwise. Between two marks of a backlog days can lie; without this, an order in between would
    take the question's place, and the answer "stayed" would be missing. Only marks give the answer "churned", so there
    must be room for one more open question.
    """
    if state is None or isinstance(entry.event, TimerDue) or len(state.questions) >= MAX_QUESTIONS:
        return None
    due_ms = state.timers.get(ASK)
    if due_ms is None or due_ms >= entry.at_ms:
        return None
    return Entry(entry.key, due_ms, f"{entry.position}/{ASK}", entry.offset, TimerDue(ASK))


def answer_questions(moment: Moment, settings: ChurnSettings) -> tuple[Example, ...]:
    """What this entry answers: an order says stayed, time says churned."""
    customer = moment.customer
    if has_ordered(moment):
        answers = answers_of_order(customer.questions, moment.now_ms)
    elif moment.is_due(ANSWER):
        answers = answers_of_time(customer.questions, moment.now_ms, settings.lateness_ms)
    else:
        return ()
    customer.questions = without(customer.questions, answers)
    moment.set_timer(ANSWER, answer_due(customer.questions, settings))
    return tuple(
        _example(moment, answer, settings) for answer in answers if answer.question.feature_set == settings.feature_set
    )


def ask_question(moment: Moment, settings: ChurnSettings) -> Score | None:
    """At an order and then weekly: score the customer, and remember features and score until the answer is known.

    A late order asks nothing: later ones are in the state already, and would tell it the future.
    """
    customer, now = moment.customer, moment.now_ms
    is_late = customer.last_order_ms is not None and now < customer.last_order_ms
    if is_late or not (has_ordered(moment) or moment.is_due(ASK)):
        return None
    vector = moment.features.vector(settings.features)
    scored = moment.bank.churn(dict(zip(settings.features, vector, strict=True)))
    question = Question(
        MODEL,
        now,
        now + settings.horizon_ms,
        vector,
        settings.feature_set,
        scored.probability if scored else None,
        scored.model_version if scored else None,
    )
    customer.questions = with_question(customer.questions, question)
    moment.set_timer(ASK, ask_due(customer, now, settings))
    moment.set_timer(ANSWER, answer_due(customer.questions, settings))
    if scored is None:
        return None
    moment.scored[MODEL] = scored
    customer.scores = {**customer.scores, MODEL: LastScore(scored.probability, now, scored.model_version)}
    return Score(
        score_id=moment.decision_id(f"score:{MODEL}"),
        model=MODEL,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        probability=scored.probability,
        band=settings.bands.of(scored.probability),
        at=moment.at,
        model_version=scored.model_version,
        reasons=scored.reasons,
        plan_version=moment.plan_version,
        position=moment.entry.position,
    )


def _example(moment: Moment, answer: Answer, settings: ChurnSettings) -> Example:
    question = answer.question
    subject = f"{moment.customer.key}|{question.asked_ms}"
    return Example(
        model=question.model,
        subject=blake2b(subject.encode(), digest_size=8).hexdigest(),
        asked_ms=question.asked_ms,
        answered_ms=moment.now_ms,
        due_ms=question.due_ms + settings.lateness_ms,
        features=dict(zip(settings.features, question.features, strict=True)),
        label=answer.label,
        score=question.score,
        model_version=question.model_version,
    )
