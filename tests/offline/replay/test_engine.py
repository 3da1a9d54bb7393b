"""A replay in memory: the same as one without interruption, wherever it is split."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.topics import KPIS_TOPIC, PARTIALS_TOPIC, TRAINING_TOPIC, trigger_topic
from streamproc.models.releases.snapshots import sign
from streamproc.offline.replay.engine import LogReplay
from streamproc.offline.replay.setup import ReplayConfig, ReplayError
from streamproc.processor.api import OutputRecord
from tests.builders import KEY, add, consent, order, release, view
from tests.offline.replay.logs import PARTITIONS, TOPIC_ID, Log, setup
from tests.strategies import events
from tests.trying import tried

SHOP = setup(offers={"offer": [{"id": "mug", "content": "A mug", "expected_reward": 1.0}]})
ABANDONED = trigger_topic("abandoned_cart")
people = st.sampled_from(["ada", "bob", "cleo"])
things = st.one_of(
    st.builds(lambda event, who: event.model_copy(update={"customer_id": who}), events, people),
    st.integers(0, 120 * 24 * 60),
    st.integers(0, 180),
    st.builds(lambda number: release(SHOP.plan.models["churn"], number % 2, f"churn-{number}"), st.integers(0, 3)),
)


def values(emitted: Iterable[OutputRecord], topic: str) -> list[Any]:
    return [orjson.loads(each.value or b"") for each in emitted if each.topic == topic]


def by_partition(emitted: Iterable[OutputRecord]) -> dict[Any, list[OutputRecord]]:
    """What stands in each partition of each topic; in any order where several log partitions write."""
    found: dict[Any, list[OutputRecord]] = defaultdict(list)
    for each in emitted:
        found[each.topic, each.partition].append(each)
    for topic in (TRAINING_TOPIC, PARTIALS_TOPIC):
        found[topic, 0].sort(key=lambda each: each.value or b"")
    found.pop((KPIS_TOPIC, 0), None)  # of two halves, each with its own end: see below
    return found


def newest_kpis(emitted: Iterable[OutputRecord]) -> dict[bytes | None, Any]:
    values = {each.key: orjson.loads(each.value or b"") for each in emitted if each.topic == KPIS_TOPIC}
    return {key: (kpi["value"], kpi["numerator"], kpi["denominator"]) for key, kpi in values.items()}


def states_of(replay: LogReplay) -> dict[int, dict[str, dict[bytes, bytes]]]:
    found: dict[int, dict[str, dict[bytes, bytes]]] = {number: defaultdict(dict) for number in range(PARTITIONS)}
    for topic, partition, key, value in replay.states():
        found[partition][topic][key] = value
    return found


@tried(60)
@given(st.lists(things, max_size=40), st.integers(0, 40))
def test_a_replay_that_is_split_anywhere_and_goes_on_from_its_states_gives_the_same(log: list[Any], cut: int) -> None:
    records = Log().add(*log).records
    whole = LogReplay(SHOP, TOPIC_ID)
    expected = list(whole.outputs(records))
    first = LogReplay(SHOP, TOPIC_ID)
    emitted = list(first.outputs(records[:cut]))
    held = states_of(first)
    second = LogReplay(SHOP, TOPIC_ID, held.__getitem__)
    emitted += second.outputs(records[cut:])
    assert by_partition(emitted) == by_partition(expected)
    assert newest_kpis(emitted) == newest_kpis(expected)
    assert states_of(second) == states_of(whole)


def outputs(log: Log, shop: ReplayConfig = SHOP) -> list[OutputRecord]:
    return list(LogReplay(shop, TOPIC_ID).outputs(log.records))


def test_a_mark_wakes_who_has_left_a_cart() -> None:
    emitted = outputs(Log().add(consent(), add(minutes=1), 200))
    assert [(t["customer_id"], t["at"]) for t in values(emitted, ABANDONED)] == [("ada", "2024-05-01T13:01:00Z")]


def test_kpis_come_at_the_end_and_take_all_partitions_in_the_order_of_event_time() -> None:
    log = Log().add(order(customer_id="ada"), order(customer_id="bob", minutes=5), 10, 60 * 24)
    kpis = [(k["revision"], k["value"]) for k in values(outputs(log), KPIS_TOPIC) if k["kpi"] == "orders"]
    assert kpis == [(0, 2), (0, 2)]


def test_a_release_that_was_signed_by_somebody_else_stops_the_replay() -> None:
    forged = release(SHOP.plan.models["churn"]).model_copy(update={"signature": "00"})
    with pytest.raises(ReplayError, match=r"partition 0, offsets 0 to 0: release churn-1 cannot be used.*SIGNING__KEY"):
        outputs(Log().add(forged))


def test_a_release_that_no_live_worker_could_use_is_passed_over_as_it_was_live() -> None:
    good = release(SHOP.plan.models["churn"])
    other = release(SHOP.plan.models["churn"], version="churn-2")
    signature = sign(other.model, other.version, "{}", KEY)
    other = other.model_copy(update={"snapshot": "{}", "signature": signature})
    assert outputs(Log().add(good, other)) == outputs(Log().add(good))


def test_a_record_of_another_version_is_named_with_its_offset() -> None:
    log = Log().add(view(), view())
    log.records[1].value = (log.records[1].value or b"").replace(b"page_viewed", b"page_glanced_at")
    with pytest.raises(ReplayError, match=r"offset 1: event: .*replay it with that one"):
        outputs(log)


def test_a_record_that_comes_twice_stops_the_replay() -> None:
    log = Log().add(view())
    log.records *= 2
    with pytest.raises(ReplayError, match="offset 0 came again"):
        outputs(log)
