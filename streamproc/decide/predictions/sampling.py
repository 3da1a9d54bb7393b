"""Samples of what the shop's customers are like: each is looked at every so many days, by time alone."""

from streamproc.decide.moment import Moment
from streamproc.decide.training_subject import training_subject
from streamproc.events.times import DAY_MS
from streamproc.events.training import Example
from streamproc.models.figures_kind import SampledPrediction, SampledPredictions

SAMPLE = "sample:"
"""How the name of a timer begins that looks at a customer for a prediction."""

QUIET_DAYS = 730
"""Who has ordered nothing for so long is looked at no more."""


def sampled(moment: Moment, predictions: SampledPredictions) -> tuple[Example, ...]:
    """The samples of this moment, and the timers of the next ones; for times that are over nobody is looked at."""
    found = []
    for name, prediction in predictions.items():
        timer = SAMPLE + name
        if moment.is_due(timer) and prediction.is_sampled(moment.customer, moment.now_ms):
            found.append(_example(moment, name, prediction))
        if timer not in moment.customer.timers and _has_ordered_of_late(moment):
            moment.set_timer(timer, prediction.sample_due(_own(moment, name), moment.entry.known_ms))
    return tuple(found)


def _own(moment: Moment, name: str) -> int:
    """Which moment of each round is the customer's: without the key nobody can tell, so it does not say who it is."""
    return int(training_subject(moment, name, "when"), 16)


def _has_ordered_of_late(moment: Moment) -> bool:
    last = moment.customer.last_order_ms
    return last is not None and moment.now_ms - last <= QUIET_DAYS * DAY_MS


def _example(moment: Moment, name: str, prediction: SampledPrediction) -> Example:
    known = {each: round(moment.features[each], 4) for each in prediction.features}
    complete_ms = moment.entry.complete_ms
    return Example(
        model=name,
        subject=training_subject(moment, name),  # the same each time: the next sample says where somebody went
        asked_ms=moment.now_ms,
        answered_ms=moment.now_ms,
        due_ms=moment.now_ms if complete_ms is None else max(moment.now_ms, complete_ms + 1),
        features=known,
        label=prediction.label(known),
        score=None,
        model_version=None,
    )
