"""A new or changed tag or segment is filled from all who are known, once each, whoever comes and goes meanwhile."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.state import Customer
from streamproc.decide.clock.event_time import Grouped, PartitionState, decode_partition_state, encode_partition_state
from streamproc.decide.plan import Plan
from streamproc.decide.segments import filling
from streamproc.decide.stage import stage
from streamproc.decide.states import CODEC, decode_state
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import CONTROL_KEY
from streamproc.events.raw import Event
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, SEGMENTS_TOPIC, TAGS_TOPIC, TRAINING_TOPIC
from streamproc.processor.api import InputRecord, OutputRecord, Source
from tests.builders import KEY, at_ms, order, plan, view
from tests.decide.messages.test_said_again import log_of
from tests.decide.segments.test_decay import found, plans, scratch
from tests.decide.test_takeover import complete
from tests.interrupted import Done, interrupted, stays
from tests.strategies import events
from tests.trying import tried

COUNTS = {LOG_TOPIC: 1, FACTS_TOPIC: 1, TRAINING_TOPIC: 1}
PEOPLE = ["ada", "bob", "eve", "joe"]
BUYERS = {"name": "buyers", "where": [{"feature": "orders_28d", "at_least": 1}]}
MANY = {"name": "buyers", "where": [{"feature": "orders_28d", "at_least": 2}]}

histories = st.lists(
    st.builds(lambda event, name: event.model_copy(update={"customer_id": name}), events, st.sampled_from(PEOPLE)),
    max_size=12,
)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "AT_ONCE", 2)


def source_of(rules: Plan, watch: DecideWatch | None = None) -> Source:
    return stage(rules, KEY, (), watch or DecideWatch()).sources[0]


def decided(rules: Plan, log: Sequence[InputRecord], before: Done | None = None, staying: Sequence[int] = ()) -> Done:
    return interrupted(source_of(rules), log, COUNTS, staying, before.states if before else None)


def customers(done: Done) -> dict[str, Customer]:
    known = {key.decode(): decode_state(raw) for key, raw in done.states.items()}
    return {key: state for key, state in known.items() if isinstance(state, Customer)}


def grouped(done: Done) -> Grouped:
    state = decode_state(done.states[CONTROL_KEY])
    assert isinstance(state, PartitionState)
    return state.grouped


def changes(emitted: Sequence[OutputRecord]) -> dict[str, list[tuple[str, str]]]:
    """What each customer was told to be from then on, and when it came or went."""
    said = defaultdict(list)
    for each in emitted:
        value: dict[str, Any] = orjson.loads(each.value or b"{}")
        if each.topic == SEGMENTS_TOPIC:
            said[(each.key or b"").decode()].append((value["segment"], value["change"]))
        elif each.topic == TAGS_TOPIC:
            said[(each.key or b"").decode()].append((f"tag {value['tag']}", value["change"]))
    return dict(said)


def marks(first: int, count: int, day: float) -> list[InputRecord]:
    return [complete(first + number, days=day + number / 24) for number in range(count)]


def orders(*names: str, days: float = 0) -> list[Event]:
    return [order(customer_id=name, days=days) for name in names]


def test_who_has_no_event_any_more_enters_a_new_segment_with_the_next_marks() -> None:
    before = decided(plan(), [*log_of(orders("ada", "bob", "eve")), *log_of([view(customer_id="joe")], first=10)])
    first = decided(plan(segments=[BUYERS]), marks(100, 1, 1), before)
    assert changes(first.emitted) == {"c/ada": [("buyers", "entered")], "c/bob": [("buyers", "entered")]}
    assert grouped(first).after == "c/bob"
    rest = decided(plan(segments=[BUYERS]), marks(101, 3, 2), first)
    assert changes(rest.emitted) == {"c/eve": [("buyers", "entered")]}
    assert grouped(rest).after is None
    assert decided(plan(segments=[BUYERS]), marks(110, 3, 3), rest).states[b"c/eve"] == rest.states[b"c/eve"]


def test_who_is_in_no_longer_leaves_a_changed_segment_and_one_that_is_gone() -> None:
    before = decided(plan(segments=[BUYERS]), log_of(orders("ada")))
    assert changes(decided(plan(segments=[MANY]), marks(100, 1, 1), before).emitted) == {"c/ada": [("buyers", "left")]}
    assert changes(decided(plan(), marks(100, 1, 1), before).emitted) == {"c/ada": [("buyers", "left")]}


def test_a_change_that_is_no_segment_s_or_tag_s_looks_at_nobody() -> None:
    waiting = []

    class Watch(DecideWatch):
        def filling(self, partition: int, waiting_now: int) -> None:
            waiting.append((partition, waiting_now))

    before = decided(plan(segments=[BUYERS]), log_of(orders("ada")))
    rules = plan({"name": "t", "kind": "event", "on": ["order_placed"]}, segments=[BUYERS])
    interrupted(source_of(rules, Watch()), marks(100, 1, 1), COUNTS, [], before.states)
    assert waiting == [(0, 0)]


def test_who_was_told_of_ahead_of_event_time_is_looked_at_as_of_then() -> None:
    before = decided(plan(), [complete(0, days=1), *log_of(orders("ada", days=9), first=1)])
    after = decided(plan(segments=[BUYERS]), marks(100, 1, 2), before)
    assert customers(after)["c/ada"].segments == {"buyers": at_ms(days=9)}


@tried(60)
@given(st.tuples(plans, plans), st.tuples(histories, histories), st.floats(0, 130), stays)
def test_after_the_walk_all_are_where_the_new_plan_has_them_whoever_was_interrupted(
    rules: tuple[Plan, Plan], happened: tuple[list[Event], list[Event]], day: float, staying: list[int]
) -> None:
    (old, new), (past, meanwhile) = rules, happened
    before = decided(old, [*log_of(past), complete(900, days=day)])
    log = [*marks(901, 1, day + 1), *log_of(meanwhile, first=910), *marks(1_000, 9, 140)]
    after = decided(new, log, before, staying)
    assert grouped(after).after is None
    for key, customer in customers(after).items():
        assert found(customer) == scratch(new, customer, at_ms(days=140 + 8 / 24), None)
        inside = found(known) if (known := customers(before).get(key)) else set()
        for name, change in changes(after.emitted).get(key, []):
            assert (name in inside) is (change in ("left", "taken"))
            inside ^= {name}
        assert inside == found(customer)


def test_where_the_walk_is_survives_its_bytes() -> None:
    state = PartitionState(grouped=Grouped("v", "c/bob"))
    assert decode_partition_state(encode_partition_state(state)) == state
    assert CODEC.decode(CODEC.encode(PartitionState())) == PartitionState()
