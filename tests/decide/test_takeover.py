"""Owners that come and go, with work that is lost, change nothing of what decide says, nor who is woken, and when."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.stage import stage
from streamproc.events.log import CONTROL_KEY, TWICE, Complete, encode_record
from streamproc.events.raw import Event
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, trigger_topic
from streamproc.processor.api import InputRecord, OutputRecord
from tests.builders import KEY, abandoned_cart, add, at_ms, plan
from tests.decide.messages.test_said_again import log_of
from tests.measure.measuring import Owned, cut
from tests.strategies import events
from tests.trying import tried

DECIDE = stage(plan(abandoned_cart()), KEY, ())


def owned() -> Owned:
    return Owned(DECIDE, 0, counts={LOG_TOPIC: 1, FACTS_TOPIC: 1})


def complete(offset: int, **when: float) -> InputRecord:
    moment = at_ms(**when)
    value = encode_record(Complete(hops=TWICE, through_ms=moment), moment, moment)
    return InputRecord(LOG_TOPIC, 0, offset, moment, CONTROL_KEY, value)


@tried(50)
@given(st.lists(events, max_size=12), st.randoms(use_true_random=False))
def test_takeovers_and_lost_work_change_nothing_that_decide_says(happened: list[Event], random: Random) -> None:
    log = [*log_of(happened), complete(100, days=9_000)]
    expected = owned().process(log)
    partition, said = owned(), list[OutputRecord]()
    for run in cut(log, random):
        if random.random() < 0.3:
            partition.process(run, commit=False)
            partition.take_over()
        said += partition.process(run)
        if random.random() < 0.5:
            partition.take_over()
    assert said == expected


@pytest.mark.parametrize("hours", [0, 48], ids=["in time", "late"])
def test_whoever_takes_over_wakes_those_whose_timers_an_earlier_owner_set(hours: float) -> None:
    """Also those whose timers had run out when they were set, for what set them came late."""
    partition = owned()
    partition.process([complete(0, hours=hours), *log_of([add(customer_id="ada")], first=1)])
    partition.take_over()
    said = partition.process([complete(2, hours=hours + 48)])
    assert [each.key for each in said if each.topic == trigger_topic("abandoned_cart")] == [b"c/ada"]
