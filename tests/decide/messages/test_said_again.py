"""What is said again is not counted or learned again, whatever made a stage say it again and wherever it was cut."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.plan import Plan
from streamproc.decide.stage import Decider
from streamproc.decide.states import CODEC
from streamproc.decide.watch import SILENT
from streamproc.events.facts import Fact, Progress
from streamproc.events.log import CONTROL_KEY, TWICE, Complete, Origin, encode_record
from streamproc.events.position import Position
from streamproc.events.raw import Event
from streamproc.events.subject import subject_of
from streamproc.events.times import epoch_ms
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, PARTIALS_TOPIC
from streamproc.measure.stage import stage
from streamproc.models.releases.bank import ModelBank
from streamproc.processor.api import InputRecord, OutputRecord, PartitionContext, outputs_of
from tests.builders import abandoned_cart, add, at_ms, order, plan
from tests.measure.kpi_blocks import count, total_of
from tests.measure.kpi_blocks import plan as kpi_plan
from tests.memory_states import MemoryStates
from tests.strategies import events
from tests.trying import tried

RULES = plan(abandoned_cart())
KPIS = kpi_plan(count(), total_of(), count("carts", facts=["cart_created"]), count("seen", facts=["suppression"]))


def log_of(happened: Sequence[Event], first: int = 0) -> list[InputRecord]:
    """A log partition: each event with its place in the raw topic, two in a message; time moves behind every third."""
    log: list[InputRecord] = []
    for number, event in enumerate(happened):
        at = epoch_ms(event.occurred_at)
        source = Origin(topic="raw", partition=0, offset=number // 2, topic_id="r", index=number % 2)
        key = subject_of(event).key.encode()
        log.append(InputRecord(LOG_TOPIC, 0, 0, at, key, encode_record(event, at, at, source)))
        if number % 3 == 2:
            complete = encode_record(Complete(hops=TWICE, through_ms=at), at, at)
            log.append(InputRecord(LOG_TOPIC, 0, 0, at, CONTROL_KEY, complete))
    return [replace(read, offset=first + place) for place, read in enumerate(log)]


class Deciding:
    """The stage decide over one partition."""

    def __init__(self, rules: Plan = RULES, topic_id: str = "log") -> None:
        self.states: MemoryStates[Any] = MemoryStates(CODEC)
        context = PartitionContext(LOG_TOPIC, 0, topic_id, self.states, {LOG_TOPIC: 1, FACTS_TOPIC: 1})
        self._decider = Decider(rules, ModelBank(b"key", rules.predictions), frozenset(), SILENT, context)
        deque(self._decider.open(), 0)

    def facts(self, log: Iterable[InputRecord]) -> list[OutputRecord]:
        return [each for each in outputs_of(self._decider.process(list(log))) if each.topic == FACTS_TOPIC]


def counted(facts: Iterable[OutputRecord], cuts: frozenset[int] = frozenset()) -> dict[str, Any]:
    """The sums of the facts by window, by an adder that is restarted at some of the records."""
    source = stage(KPIS, "p1").sources[0]
    assert source.codec is not None
    states: MemoryStates[Any] = MemoryStates(source.codec)
    end = OutputRecord(FACTS_TOPIC, None, orjson.dumps(Progress(0, 1, at_ms(days=9_000))))
    emitted: list[OutputRecord] = []
    adder = None
    for number, fact in enumerate([*facts, end]):
        if adder is None or number in cuts:
            states.checkpoint()
            adder = source.make(PartitionContext(FACTS_TOPIC, 0, "facts", states, {}))
            deque(adder.open(), 0)
        emitted += outputs_of(adder.process([InputRecord(FACTS_TOPIC, 0, number, 0, None, fact.value)]))
    partials = [orjson.loads(each.value or b"") for each in emitted if each.topic == PARTIALS_TOPIC]
    return {each["window"]: each["series"] for each in partials if each["type"] == "partial"}


@tried(30)
@given(st.lists(events, max_size=12), st.integers(0, 60), st.sets(st.integers(0, 60)))
def test_facts_that_are_said_again_from_the_beginning_are_counted_once(
    happened: list[Event], until: int, cuts: set[int]
) -> None:
    log = log_of(happened)
    whole = Deciding().facts(log)
    again = [*whole[:until], *Deciding().facts(log)]
    assert counted(again, frozenset(cuts)) == counted(whole)


@tried(30)
@given(st.lists(events, min_size=1, max_size=12), st.data())
def test_messages_that_collect_has_read_again_are_decided_once(happened: list[Event], data: st.DataObject) -> None:
    again_from = data.draw(st.integers(0, len(happened)))
    log = log_of(happened)
    repeated = [read for read in log_of(happened) if read.key != CONTROL_KEY][again_from:]
    behind = [replace(read, offset=len(log) + place) for place, read in enumerate(repeated)]
    deciding = Deciding()
    deciding.facts(log)
    assert deciding.facts(behind) == []


def test_more_repeats_than_a_customer_remembers_ids_are_repeats() -> None:
    happened: list[Event] = [order(minutes=number) for number in range(100)]
    log = log_of(happened)
    behind = [replace(read, offset=1_000 + place) for place, read in enumerate(log) if read.key != CONTROL_KEY]
    deciding = Deciding()
    assert len(deciding.facts(log)) > 100
    assert deciding.facts(behind) == []


def test_a_log_or_a_raw_topic_that_was_made_anew_says_new_things() -> None:
    first = Deciding().facts(log_of([order()]))
    anew = Deciding(topic_id="another").facts(log_of([order()]))
    (orders,) = {series["orders"] for series in [counted([*first, *anew])["total"]]}
    assert orders == 2
    deciding = Deciding()
    deciding.facts(log_of([order()]))
    other = Origin(topic="raw", partition=0, offset=0, topic_id="another")
    event = order(minutes=1)
    value = encode_record(event, at_ms(minutes=1), at_ms(minutes=1), other)
    assert deciding.facts([InputRecord(LOG_TOPIC, 0, 9, 0, b"c/ada", value)]) != []


def test_what_a_mark_causes_is_numbered_in_the_order_of_the_timers() -> None:
    carts: list[Event] = [add(customer_id=name, cart_id=name) for name in ("ada", "bob", "eve")]
    log = log_of([*carts, order(customer_id="zoe", days=2), order(customer_id="zoe", days=3)])
    complete = Complete(hops=TWICE, through_ms=at_ms(days=5))
    log.append(InputRecord(LOG_TOPIC, 0, 99, 0, CONTROL_KEY, encode_record(complete, 0, 0)))
    said = [orjson.loads(each.value or b"") for each in Deciding().facts(log)]
    positions = [each["position"] for each in said if each["type"] == "fact"]
    last = [each["number"] for each in positions if each["offset"] == 99]
    assert last == list(range(len(last)))
    assert len(last) >= 3
    assert positions == sorted(positions, key=lambda each: (each["offset"], each["number"]))


def test_a_fact_names_its_place() -> None:
    fact = Fact("order", 0, {}, Position("log", 0, 7, 1))
    assert orjson.loads(orjson.dumps(fact))["position"] == asdict(Position("log", 0, 7, 1))
