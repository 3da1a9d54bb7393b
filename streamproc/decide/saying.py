"""Each decision goes to the topic of its kind, with the id by which a repeat is known; facts have positions."""

from collections.abc import Iterator, Sequence

import orjson

from streamproc.events.decisions import (
    CustomerTagged,
    Decision,
    Forecast,
    JourneyChange,
    Offer,
    Retraction,
    Score,
    SegmentChange,
    Suppression,
    Trigger,
)
from streamproc.events.facts import Fact
from streamproc.events.position import Position
from streamproc.events.topics import (
    FACTS_TOPIC,
    FORECASTS_TOPIC,
    JOURNEYS_TOPIC,
    OFFERS_TOPIC,
    SCORES_TOPIC,
    SEGMENTS_TOPIC,
    SUPPRESSIONS_TOPIC,
    TAGS_TOPIC,
    TRAINING_TOPIC,
    trigger_topic,
)
from streamproc.events.training import Lesson
from streamproc.processor.api import OutputRecord
from streamproc.processor.headers import cloud_event

TOPICS = (
    OFFERS_TOPIC, SCORES_TOPIC, FORECASTS_TOPIC, SEGMENTS_TOPIC, TAGS_TOPIC, JOURNEYS_TOPIC, SUPPRESSIONS_TOPIC,
    FACTS_TOPIC,
)  # fmt: skip
"""Those that records about customers go to, besides triggers of their own, in the order of a commit."""


def said(key: bytes, decision: Decision, stage: str) -> OutputRecord:
    """The record of a decision about whoever has the key."""
    match decision:
        case Trigger():
            topic, name = trigger_topic(decision.trigger), decision.trigger_id
        case Retraction():
            topic, name = trigger_topic(decision.trigger), f"{decision.trigger_id}/retracted"
        case Suppression():
            topic, name = SUPPRESSIONS_TOPIC, decision.suppression_id
        case Offer():
            topic, name = OFFERS_TOPIC, decision.offer_decision_id
        case Score():
            topic, name = SCORES_TOPIC, decision.score_id
        case Forecast():
            topic, name = FORECASTS_TOPIC, decision.forecast_id
        case SegmentChange():
            topic, name = SEGMENTS_TOPIC, decision.change_id
        case CustomerTagged():
            topic, name = TAGS_TOPIC, decision.change_id
        case JourneyChange():
            topic, name = JOURNEYS_TOPIC, decision.change_id
    headers = cloud_event(name, decision.type, decision.at, stage)
    return OutputRecord(topic, key, orjson.dumps(decision), None, headers)


def stated(lessons: Sequence[Lesson], facts: Sequence[Fact], positions: Iterator[Position]) -> Iterator[OutputRecord]:
    """The records of what is learned from, and of facts, each with its position."""
    for lesson in lessons:
        yield OutputRecord(TRAINING_TOPIC, None, orjson.dumps(lesson.placed(next(positions))), 0)
    for fact in facts:
        placed = Fact(fact.fact, fact.at_ms, fact.values, next(positions), fact.taken_back)
        yield OutputRecord(FACTS_TOPIC, None, orjson.dumps(placed))
