"""KPIs exactly once from facts, whatever the partitions, the interleaving and the crashes."""

from collections import defaultdict
from itertools import pairwise
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.events.facts import Progress
from streamproc.events.kpis import Kpi
from streamproc.events.times import DAY_MS
from streamproc.events.topics import FACTS_TOPIC, KPIS_TOPIC, PARTIALS_TOPIC
from streamproc.measure.partials import Reported, encode_reported
from streamproc.measure.stage import MeasureWatch, stage
from streamproc.measure.sums import FactMessage
from streamproc.processor.api import OutputRecord
from tests.measure.kpi_blocks import count, fact, facts, order, plan, total_of
from tests.measure.measuring import (
    SHOP_STAGE,
    THE_END,
    Owned,
    Read,
    Said,
    as_read,
    cut,
    interleaved,
    kpis,
    last_values,
    measured,
    partials_of,
    progress,
    read,
    reads,
    spread,
)


class Seen(MeasureWatch):
    """What an observer is told."""

    def __init__(self) -> None:
        self.kpis: list[Kpi] = []

    def published(self, kpi: Kpi) -> None:
        self.kpis.append(kpi)


@settings(deadline=None)
@given(st.lists(facts, max_size=30), st.integers(1, 5), st.randoms(use_true_random=False))
def test_any_partitions_order_and_interleaving_give_the_kpis_of_one_partition(
    several: list[FactMessage], partitions: int, random: Random
) -> None:
    alone = Owned(SHOP_STAGE, 0).process(reads(*several, Progress(0, 1, THE_END)))
    expected = last_values(Owned(SHOP_STAGE, 1).process(as_read(alone)))
    logs = spread(several, partitions, random)
    published = Owned(SHOP_STAGE, 1).process(as_read(interleaved(partials_of(logs, SHOP_STAGE), random)))
    assert last_values(published) == expected


@settings(deadline=None)
@given(st.lists(facts, max_size=30), st.randoms(use_true_random=False))
def test_takeovers_and_lost_work_change_nothing_that_is_emitted(several: list[FactMessage], random: Random) -> None:
    (log,) = spread(several, 1, random)
    records = [read(said) for said in log]
    for source in (0, 1):
        expected = Owned(SHOP_STAGE, source).process(records)
        owned, emitted = Owned(SHOP_STAGE, source), list[OutputRecord]()
        for run in cut(records, random):
            if random.random() < 0.3:
                owned.process(run, commit=False)
                owned.take_over()
            emitted += owned.process(run)
            if random.random() < 0.5:
                owned.take_over()
        assert emitted == expected
        records = as_read(expected)


@settings(deadline=None)
@given(st.lists(facts, max_size=30), st.randoms(use_true_random=False))
def test_an_old_partial_that_comes_again_never_replaces_a_newer_one(several: list[FactMessage], random: Random) -> None:
    logs = spread(several, 2, random)
    records = as_read(interleaved(partials_of(logs, SHOP_STAGE), random))
    merger = Owned(SHOP_STAGE, 1)
    expected = last_values(merger.process(records))
    again = random.sample(records, k=len(records) // 2)
    ending = Read(PARTIALS_TOPIC, encode_reported(Reported(Progress(0, 2, THE_END + 1))))
    last = Read(PARTIALS_TOPIC, encode_reported(Reported(Progress(1, 2, THE_END + 1))))
    assert expected | last_values(merger.process([*again, ending, last])) == expected


@settings(deadline=None)
@given(st.lists(facts, max_size=40), st.randoms(use_true_random=False))
def test_revisions_count_up_by_one_and_only_when_something_changed(several: list[FactMessage], random: Random) -> None:
    records = interleaved(partials_of(spread(several, 3, random), SHOP_STAGE), random)
    revisions: dict[bytes | None, list[Kpi]] = defaultdict(list)
    for emitted in Owned(SHOP_STAGE, 1).process(as_read(records)):
        revisions[emitted.key] += kpis([emitted])
    for said in revisions.values():
        assert [kpi.revision for kpi in said] == list(range(len(said)))
        parts = [(kpi.numerator, kpi.denominator) for kpi in said]
        assert all(one != next_ for one, next_ in pairwise(parts))


def test_a_day_is_published_once_event_time_has_passed_it_and_the_total_as_it_grows() -> None:
    said: list[Said] = [order(), progress(0.9), order(hour=23), progress(1.5), order(day=1), progress(1.8)]
    assert [(k.window, k.status, k.revision, k.value, k.end) for k in measured(plan(count()), *said)] == [
        ("total", "open", 0, 1, "1970-01-01T21:36:00Z"),
        ("day", "closed", 0, 2, "1970-01-02T00:00:00Z"),
        ("total", "open", 1, 2, "1970-01-02T12:00:00Z"),
        ("total", "open", 2, 3, "1970-01-02T19:12:00Z"),
    ]


def test_a_late_fact_revises_a_closed_day_at_the_next_progress_even_if_time_stands() -> None:
    said: list[Said] = [order(), progress(1), order(), progress(1), progress(1)]
    days = [kpi for kpi in measured(plan(count()), *said) if kpi.window == "day"]
    assert [(kpi.revision, kpi.value, kpi.status) for kpi in days] == [(0, 1, "closed"), (1, 2, "closed")]


def test_the_total_waits_until_event_time_moves() -> None:
    said: list[Said] = [order(), progress(1), order(), progress(1), progress(0.5), progress(1.1)]
    totals = [kpi for kpi in measured(plan(count()), *said) if kpi.window == "total"]
    assert [(kpi.value, kpi.end) for kpi in totals] == [(1, "1970-01-02T00:00:00Z"), (2, "1970-01-02T02:24:00Z")]


def test_progress_without_news_publishes_nothing() -> None:
    assert len(measured(plan(count()), order(), progress(3))) == 2
    assert len(measured(plan(count()), order(), progress(3), fact("page_view"), progress(4), progress(5))) == 2


def test_nothing_is_published_as_long_as_one_partition_is_silent() -> None:
    its = stage(plan(count(windows=["day"])), "p1")
    merger = Owned(its, 1)
    first = Owned(its, 0, 0).process(reads(order(), progress(9, 0, 2)))
    assert merger.process(as_read(first)) == []
    second = Owned(its, 0, 1).process(reads(order(), progress(0.5, 1, 2)))
    assert merger.process(as_read(second)) == []
    third = Owned(its, 0, 1).process(reads(progress(1, 1, 2)))
    assert [kpi.value for kpi in kpis(merger.process(as_read(third)))] == [2]


def test_partials_are_whole_sums_with_a_number_and_are_followed_by_the_progress() -> None:
    adder = Owned(stage(plan(count(windows=["day"])), "p1"), 0, 2)
    first = adder.process(reads(order(), order(day=1), progress(1, 2, 4)))
    second = adder.process(reads(order(), progress(2, 2, 4)))
    day = {"type": "partial", "window": "day|1970-01-01", "partition": 2, "first_day": 0}
    assert [each.key for each in first] == [b"day|1970-01-01|2", b"day|1970-01-02|2", b"progress|2"]
    assert [orjson.loads(each.value or b"") for each in second] == [
        {**day, "sequence": 2, "series": {"orders": 2}},
        {
            "partition": 2,
            "partitions": 4,
            "through_ms": 2 * DAY_MS,
            "type": "progress",
            "epoch_ms": 0,
            "is_whole": True,
        },
    ]
    assert {(each.topic, each.partition) for each in first} == {(PARTIALS_TOPIC, 0)}


def test_kpis_go_to_the_only_partition_of_their_topic_under_the_key_of_their_window() -> None:
    its = stage(plan(count()), "p1")
    partials = Owned(its, 0).process(reads(order(), progress(2)))
    published = Owned(its, 1).process(as_read(partials))
    assert [(each.topic, each.partition, each.key) for each in published] == [
        (KPIS_TOPIC, 0, b"orders|day|1970-01-01T00:00:00Z|"),
        (KPIS_TOPIC, 0, b"orders|total||"),
    ]


def test_sums_beyond_64_bits_stay_exact() -> None:
    rich = [order(9_000_000_000_000) for _ in range(10)]
    its = stage(plan(total_of(windows=["day"])), "p1")
    adder = Owned(its, 0)
    adder.process(reads(*rich))
    adder.take_over()
    partials = adder.process([read(progress(1))])
    (published,) = Owned(its, 1).process(as_read(partials))
    assert b'"value":90000000000000000000,' in (published.value or b"")


def test_the_observer_sees_what_is_published_and_after_a_takeover_the_total_and_the_newest_day_again() -> None:
    watch = Seen()
    seen = watch.kpis
    its = stage(plan(count()), "p1", watch)
    partials = Owned(its, 0).process(reads(order(), order(day=1), order(day=2), progress(2)))
    merger = Owned(its, 1)
    published = kpis(merger.process(as_read(partials)))
    assert seen == published
    seen.clear()
    merger.take_over()
    assert seen == [kpi for kpi in published if kpi.window == "total" or kpi.start == "1970-01-02T00:00:00Z"]


def test_progress_of_another_partition_stops_the_stage() -> None:
    with pytest.raises(ValueError, match=r"facts\.v1/0 has progress of partition 1"):
        Owned(SHOP_STAGE, 0).process([read(progress(1, 1, 2))])


def test_a_record_that_is_neither_fact_nor_progress_stops_the_stage() -> None:
    for source, topic in ((0, FACTS_TOPIC), (1, PARTIALS_TOPIC)):
        with pytest.raises(ValueError, match="'example' is neither"):
            Owned(SHOP_STAGE, source).process([Read(topic, b'{"type":"example"}')])


def test_the_stage_reads_and_writes_what_the_topics_say() -> None:
    assert [(source.topics, source.changelog) for source in SHOP_STAGE.sources] == [
        ((FACTS_TOPIC,), "streamproc.measure-state.v1"),
        ((PARTIALS_TOPIC,), "streamproc.kpi-state.v1"),
    ]
    assert (SHOP_STAGE.name, SHOP_STAGE.outputs) == ("measure", (PARTIALS_TOPIC, KPIS_TOPIC))
