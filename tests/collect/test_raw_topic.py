"""What a topic may carry: whoever writes to one must not speak for another system of the shop."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.collect import stage as collect
from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.events.log import encode_event
from streamproc.events.raw import FAMILIES, FAMILY_OF, Event
from streamproc.events.rejected import Reason
from streamproc.events.topics import LOG_TOPIC, dead_letter_topic
from streamproc.offline.replay.partition import Place, ReplayedPartition
from streamproc.processor.api import InputRecord, OutputRecord
from streamproc.settings.topics import load_topics
from tests.builders import NOON_MS, erasure
from tests.offline.replay.logs import RAW
from tests.strategies import events

CATALOGUE = load_topics(Path(__file__).parents[2] / "topics")
SHIPPED = {name: RawTopic(name, CATALOGUE[name].families) for name in RAW}
SETS = [frozenset(names) for size in range(1, len(FAMILIES) + 1) for names in combinations(FAMILIES, size)]


def collected(event: Event, topic: str, families: frozenset[str]) -> OutputRecord:
    """What collect makes of an event on a topic that carries these families."""
    source = collect.stage(CollectSettings(), SHIPPED | {topic: RawTopic(topic, families)}, b"").sources[0]
    collector = ReplayedPartition(source, Place(topic, 0), RAW | {LOG_TOPIC: 4})
    later_ms = NOON_MS + 200 * 86_400_000
    [emitted] = collector.process([InputRecord(topic, 0, 0, later_ms, None, encode_event(event))])
    return emitted


@settings(deadline=None)
@given(events, st.sampled_from(sorted(RAW)), st.sampled_from(SETS))
def test_an_event_goes_into_the_log_just_if_its_topic_carries_its_family(
    event: Event, topic: str, families: frozenset[str]
) -> None:
    emitted = collected(event, topic, families)
    if FAMILY_OF[type(event)] in families:
        assert emitted.topic == LOG_TOPIC
    else:
        assert emitted.topic == dead_letter_topic(topic)
        assert dict(emitted.headers)["dlq-reason"].decode() == Reason.WRONG_TOPIC
        assert emitted.value == encode_event(event)


@pytest.mark.parametrize("topic", sorted(RAW.keys() - {"shop.profile.v1"}))
def test_only_the_profile_topic_can_ask_for_an_erasure(topic: str) -> None:
    emitted = collected(erasure(), topic, SHIPPED[topic].families)
    headers = {name: value.decode() for name, value in emitted.headers}
    assert headers["dlq-reason"] == "wrong_topic"
    assert headers["dlq-detail"] == f"{topic} carries no events of the family profile"
