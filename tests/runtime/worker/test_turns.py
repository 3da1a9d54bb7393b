"""Wherever work is cut into slices, and whoever goes on with it: what comes of it is the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import example as also
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide import stage as decide
from streamproc.events.facts import Progress
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, PARTIALS_TOPIC, TRAINING_TOPIC
from streamproc.events.training import Example
from streamproc.learn import stage as learn
from streamproc.measure.sums import FactMessage
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.processor.api import InputRecord, OutputRecord, PartitionContext, Record, Resumable, Source
from streamproc.processor.partitioner import partition_of
from streamproc.runtime.worker import turns
from streamproc.runtime.worker.turns import in_slices
from tests.builders import CHURN, KEY, abandoned_cart, add, on_order, order, plan, view
from tests.interrupted import interrupted, stays, uninterrupted
from tests.learn.test_learner import example, placed
from tests.measure.kpi_blocks import facts
from tests.measure.measuring import SHOP_STAGE, Said, interleaved, partials_of, spread
from tests.memory_states import MemoryStates
from tests.offline.replay.logs import Log

COUNTS = {LOG_TOPIC: 2, FACTS_TOPIC: 2}
PLAN = plan(abandoned_cart(delay_minutes=60), abandoned_cart(name="still_there", delay_minutes=90), on_order())
DECIDE = decide.stage(PLAN, KEY, ()).sources[0]
LEARN = learn.stage({"churn": ChurnPrediction.model_validate(CHURN | {"release_every": 5})}, KEY).sources[0]
ADD_UP, MERGE = SHOP_STAGE.sources
CUSTOMERS = [name for name in map(str, range(100)) if partition_of(f"c/{name}".encode(), COUNTS[LOG_TOPIC]) == 0]
MAKE: dict[str, Callable[..., Any]] = {"cart": add, "order": order, "view": view}

happenings = st.lists(
    st.tuples(st.sampled_from([*MAKE, "mark"]), st.integers(0, 6), st.integers(0, 300)), min_size=1, max_size=40
)


def shop_log(happened: Iterable[tuple[str, int, int]]) -> list[InputRecord]:
    """A partition of a log in which carts are abandoned, with marks in between, and one at the end that wakes all."""
    log = Log()
    for number, (what, customer, minutes) in enumerate(happened):
        own = {"customer_id": CUSTOMERS[customer], "event_id": f"e{number}", "minutes": minutes}
        log.add(minutes if what == "mark" else MAKE[what](**own))
    log.add(60 * 24 * 40)
    return [record for record in log.records if record.partition == 0]


def written(topic: str, messages: Iterable[Example | Said]) -> list[InputRecord]:
    values = (orjson.dumps(each if not isinstance(each, dict) else {**each, "type": "fact"}) for each in messages)
    return [InputRecord(topic, 0, offset, 0, None, value) for offset, value in enumerate(values)]


def assert_the_same(source: Source, records: Sequence[Record], staying: Sequence[int]) -> None:
    assert interrupted(source, records, COUNTS, staying) == uninterrupted(source, records, COUNTS)


@given(happenings, stays)
@also([("mark", 0, 300), ("cart", 0, 0)], [2])  # an event that comes late: its timer is due as soon as it is set
@also([("mark", 0, 60), ("cart", 0, 0)], [2])
def test_decisions_are_the_same_wherever_an_owner_leaves(
    happened: list[tuple[str, int, int]], staying: list[int]
) -> None:
    assert_the_same(DECIDE, shop_log(happened), staying)


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40), stays)
def test_examples_are_learned_once_wherever_learning_is_left(told: list[tuple[int, bool]], staying: list[int]) -> None:
    messages: list[Example | Said] = [Progress(1, 2, 1_000)]
    for number, (moment, is_progress) in enumerate(told):
        told_of = placed(example(moment, f"s{number}", label=number % 2), 0, number)
        messages.append(Progress(0, 2, moment) if is_progress else told_of)
    messages.append(Progress(0, 2, 1_000))
    assert_the_same(LEARN, written(TRAINING_TOPIC, messages), staying)


@given(st.lists(facts, max_size=30), st.randoms(use_true_random=False), stays)
def test_windows_are_reported_and_published_once_wherever_that_is_left(
    several: list[FactMessage], random: Random, staying: list[int]
) -> None:
    logs = spread(several, 2, random)
    assert_the_same(ADD_UP, written(FACTS_TOPIC, logs[0]), staying)
    merged = interleaved(partials_of(logs, SHOP_STAGE), random)
    records = [InputRecord(PARTIALS_TOPIC, 0, offset, 0, each.key, each.value) for offset, each in enumerate(merged)]
    assert_the_same(MERGE, records, staying)


def test_between_any_two_who_are_woken_the_mark_may_be_left() -> None:
    records = shop_log(("cart", customer, 0) for customer in range(20))
    assert DECIDE.codec is not None
    context: PartitionContext[Any] = PartitionContext(LOG_TOPIC, 0, "id", MemoryStates(DECIDE.codec), COUNTS)
    steps = list(DECIDE.make(context).process(records))
    mark = records[-1].offset
    woken = len({step.key for step in steps if isinstance(step, OutputRecord) and step.key})
    assert woken > 1
    assert steps.count(Resumable(mark)) >= woken
    assert steps[-1] == Resumable(mark + 1)


def ticking(monkeypatch: pytest.MonkeyPatch, steps: int) -> Iterator[None]:
    """Steps of which eight fill a slice, by a clock of our own."""
    now = 0.0

    def work() -> Iterator[None]:
        nonlocal now
        for _ in range(steps):
            now += 0.125
            yield

    monkeypatch.setattr("time.perf_counter", lambda: now)
    monkeypatch.setattr(turns, "SLICE_SECONDS", 1.0)
    return work()


@pytest.mark.parametrize("steps", [0, 1, 8, 79, 80])
def test_a_slice_ends_with_the_step_that_fills_it(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    told: list[float] = []
    slices = len(list(in_slices(ticking(monkeypatch, steps), told.append)))
    assert slices == steps // 8
    assert (sum(told), max(told)) == (steps / 8, min(1, steps / 8))
