"""KPIs that are counted anew are those of a system that has never counted otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from random import Random
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.events.times import DAY_MS
from streamproc.measure.codec import decode, encode
from streamproc.measure.counting import Counting, Recount
from streamproc.measure.partials import Part
from streamproc.measure.plan import KpiPlan
from streamproc.measure.recount import COUNTING_KEY, dropped, recounted
from streamproc.measure.stage import MeasureWatch, stage
from streamproc.measure.sums import FactMessage
from streamproc.processor.api import OutputRecord, Record, Stage
from tests.measure.kpi_blocks import count, distinct, facts, order, plan, ratio, total_of
from tests.measure.measuring import Owned, Said, as_read, cut, interleaved, kpis, last_values, progress, read, spread

EPOCH_MS = 200 * DAY_MS

VARIANTS: Mapping[str, Sequence[dict[str, Any]]] = {
    "orders": [count(), count(where={"guest": False}), count(windows=["day"]), count(facts=["order", "refund"])],
    "revenue": [total_of(), total_of(where={"currency": "EUR"}), total_of(by=["currency"])],
    "customers": [distinct(), distinct(windows=["total"], counted_by={"total": "first_ever"})],
    "triggers": [
        count("triggers", facts=["trigger"], by=["trigger"]),
        count("triggers", facts=["trigger"], by=["channel"]),
        count("triggers", facts=["trigger"]),
    ],
    "messages": [
        count("messages", facts=["message"], by=["action", "channel"]),
        count("messages", facts=["message"], by=["channel"], where={"action": ["sent"]}),
    ],
}
"""KPIs and how they may be defined."""

plans = st.fixed_dictionaries({}, optional={name: st.sampled_from(its) for name, its in VARIANTS.items()}).filter(bool)


def compiled(blocks: Mapping[str, dict[str, Any]]) -> KpiPlan:
    rate = [ratio("orders", "customers", windows=["total"])] if {"orders", "customers"} <= blocks.keys() else []
    both = all("total" in blocks[name].get("windows", ("total",)) for name in ("orders", "customers") if rate)
    return plan(*blocks.values(), *(rate if both else []))


class Partition:
    """The facts of one partition with their offsets, and who counts them."""

    def __init__(self, its: Stage, number: int, log: Iterable[Said]) -> None:
        self.number = number
        self.log: list[Record] = [replace(read(said), offset=at) for at, said in enumerate(log)]  # type: ignore[type-var]
        self.owned = Owned(its, 0, number)
        self.done = 0

    def work(self, end: int, random: Random) -> list[OutputRecord]:
        """Up to an offset, in runs of any length, with new owners in between, and work that is lost."""
        emitted: list[OutputRecord] = []
        for run in cut(self.log[self.done : end], random):
            if random.random() < 0.3:
                self.owned.process(run, commit=False)
                self.owned.take_over()
            emitted += self.owned.process(run)
        self.done = end
        return emitted

    def repaired(self, its: Stage, states: Iterable[tuple[bytes, Any]]) -> "Partition":
        """With states rewritten, at the first of its facts."""
        again = Partition(its, self.number, [])
        again.log = self.log
        again.owned.states.stored.update({key: encode(state) for key, state in states})
        again.owned.take_over()
        return again

    @property
    def states(self) -> dict[bytes, Any]:
        return {key: decode(raw) for key, raw in self.owned.states.stored.items()}


def recount(partition: Partition, new: KpiPlan, epoch_ms: int = EPOCH_MS) -> Partition:
    """As the command does it: what its definition did not count from the first fact on is counted anew."""
    held = partition.states.get(COUNTING_KEY, Counting())
    names = held.by(new.definitions).outdated
    series = frozenset(part for name in names for part in new.series[name])
    states = recounted(new, names, Recount(partition.done, series), epoch_ms, partition.states)
    return partition.repaired(stage(new, "new"), [*partition.states.items(), *states])


def drop(partition: Partition, new: KpiPlan, epoch_ms: int = EPOCH_MS) -> Partition:
    """As `drop-state` does it, which does not read them."""
    return partition.repaired(
        stage(new, "new"), dropped(partition.owned.states.stored, until=len(partition.log), now_ms=epoch_ms)
    )


def published_anew(
    old: KpiPlan, new: KpiPlan, logs: Sequence[Sequence[Said]], random: Random, repair: Any
) -> dict[bytes | None, Any]:
    """The KPIs at the end, if the definitions change and facts are counted anew at any place of each partition."""
    partitions = [Partition(stage(old, "old"), number, log) for number, log in enumerate(logs)]
    reported: list[list[OutputRecord]] = [[] for _ in partitions]
    for one in partitions:
        reported[one.number] += one.work(random.randrange(len(one.log) + 1), random)
    if random.random() < 0.3:  # a repair that was killed half-way, and is done again
        some = random.sample(range(len(partitions)), k=random.randrange(len(partitions) + 1))
        for number in some:
            partitions[number] = repair(partitions[number], new, EPOCH_MS - 1)
            reported[number] += partitions[number].work(random.randrange(len(partitions[number].log) + 1), random)
    for one in [repair(partition, new) for partition in partitions]:
        reported[one.number] += one.work(len(one.log), random)
    merger = Owned(stage(new, "new"), 1)
    published: list[OutputRecord] = []
    for run in cut(as_read(interleaved(reported, random)), random):
        published += merger.process(run)
        merger.take_over()
    return last_values(published)


def expected_of(new: KpiPlan, logs: Sequence[Sequence[Said]]) -> dict[bytes | None, Any]:
    """The KPIs of a system that begins with the new definitions."""
    its = stage(new, "new")
    adders = [Partition(its, number, log) for number, log in enumerate(logs)]
    reported = [each for one in adders for each in one.work(len(one.log), Random(1))]
    return last_values(Owned(its, 1).process(as_read(reported)))


def assert_alike(published: Mapping[bytes | None, Any], expected: Mapping[bytes | None, Any], new: KpiPlan) -> None:
    """The same; what an earlier definition said besides is nothing now."""
    assert {key: published.get(key) for key in expected} == expected
    windows = {measure.block.name: measure.block.windows for measure in new.measures}
    for key in published.keys() - expected.keys():
        kpi, window, *_ = (key or b"").decode().split("|")
        assert window not in windows.get(kpi, ()) or published[key][1] == 0


@settings(deadline=None)
@given(plans, plans, st.lists(facts, max_size=25), st.integers(1, 3), st.randoms(use_true_random=False))
def test_counted_anew_is_as_if_it_had_never_been_counted_otherwise(
    old: dict[str, Any], new: dict[str, Any], several: list[FactMessage], partitions: int, random: Random
) -> None:
    logs = spread(several, partitions, random)
    now = compiled(new)
    published = published_anew(compiled(old), now, logs, random, recount)
    assert_alike(published, expected_of(now, logs), now)


@settings(deadline=None)
@given(plans, plans, st.lists(facts, max_size=25), st.integers(1, 3), st.randoms(use_true_random=False))
def test_dropped_states_count_as_if_they_had_never_been(
    old: dict[str, Any], new: dict[str, Any], several: list[FactMessage], partitions: int, random: Random
) -> None:
    logs = spread(several, partitions, random)
    now = compiled(new)
    published = published_anew(compiled(old), now, logs, random, drop)
    assert_alike(published, expected_of(now, logs), now)


ALL_ORDERS = plan(count())
KNOWN_ORDERS = plan(count(where={"guest": False}))


class Told(MeasureWatch):
    """What an observer is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, set[Any]]] = []

    def outdated(self, names: AbstractSet[str]) -> None:
        self.heard.append(("outdated", set(names)))

    def behind(self, partitions: AbstractSet[int]) -> None:
        self.heard.append(("behind", set(partitions)))


def test_nothing_is_published_until_all_partitions_are_counted_anew() -> None:
    logs: list[list[Said]] = [[order(guest=True), order(), progress(2, number, 2)] for number in range(2)]
    partitions = [Partition(stage(ALL_ORDERS, "old"), number, log) for number, log in enumerate(logs)]
    told = Told()
    merger = Owned(stage(KNOWN_ORDERS, "new", told), 1)
    first = [each for one in partitions for each in one.work(3, Random(1))]
    assert [kpi.value for kpi in kpis(merger.process(as_read(first)))] == [4, 4]
    anew = [recount(one, KNOWN_ORDERS) for one in partitions]
    later = Partition(stage(ALL_ORDERS, "old"), 1, [progress(5, 1, 2)])  # what the other one had still said
    held = [*anew[0].work(3, Random(1)), *later.work(1, Random(1))]
    assert merger.process(as_read(held)) == []
    merger.take_over()
    said = kpis(merger.process(as_read(anew[1].work(3, Random(1)))))
    assert [(kpi.window, kpi.value, kpi.revision) for kpi in said] == [("day", 2, 1), ("total", 2, 1)]
    assert told.heard == [("behind", {0, 1}), ("behind", {1}), ("behind", set())]


def test_sums_are_kept_back_until_all_facts_are_counted_anew() -> None:
    counted = Partition(stage(ALL_ORDERS, "old"), 0, [order(), progress(1), order(guest=True), progress(2), order()])
    counted.work(5, Random(1))
    anew = recount(counted, KNOWN_ORDERS)
    kinds = [orjson.loads(each.value or b"") for each in anew.work(5, Random(1))]
    assert [(each["type"], each.get("is_whole")) for each in kinds] == [("progress", False)] * 2
    anew.log = [*anew.log, replace(read(progress(3)), offset=5)]  # type: ignore[type-var]
    last = [orjson.loads(each.value or b"") for each in anew.work(6, Random(1))]
    assert [(each["type"], each.get("is_whole")) for each in last] == [
        ("progress", False), ("partial", None), ("partial", None), ("progress", True),
    ]  # fmt: skip
    assert last[1]["series"] == {"orders": 2}


def test_days_whose_facts_are_gone_keep_what_was_counted() -> None:
    log: list[Said] = [order(guest=True), order(day=1), progress(2), order(guest=True, day=2), order(day=2)]
    counted = Partition(stage(plan(count(), total_of()), "old"), 0, log)
    counted.work(5, Random(1))
    new = plan(count(where={"guest": False}), total_of())
    states = recounted(new, ["orders"], Recount(5, frozenset({"orders"}), 2), EPOCH_MS, counted.states)
    anew = counted.repaired(stage(new, "new"), [*counted.states.items(), *states])
    anew.done = 2  # the log has lost what was before
    anew.log.append(replace(read(order(day=0)), offset=5))  # type: ignore[type-var]
    anew.work(6, Random(1))
    sums = {key.decode(): dict(part.sums.series) for key, part in anew.states.items() if isinstance(part, Part)}
    assert {key: series["orders"] for key, series in sums.items()} == {
        "day|1970-01-01": 2, "day|1970-01-02": 1, "day|1970-01-03": 1, "total": 2,
    }  # fmt: skip
    assert sums["total"]["revenue"] == 50_000_000


def test_which_kpis_did_not_count_all_of_their_past_is_known_and_said() -> None:
    told = Told()
    first = Partition(stage(ALL_ORDERS, "old", told), 0, [order(), progress(1)])
    first.work(2, Random(1))
    both = plan(count(where={"guest": False}), total_of())
    then = first.repaired(stage(both, "new", told), first.states.items())
    then.log = [replace(read(order()), offset=0)]  # type: ignore[type-var]
    then.work(1, Random(1))
    back = then.repaired(stage(ALL_ORDERS, "old", told), then.states.items())
    anew = recount(back, ALL_ORDERS)
    assert isinstance(anew.states[COUNTING_KEY], Counting)
    last = anew.repaired(stage(ALL_ORDERS, "old", told), anew.states.items())
    heard = [names for kind, names in told.heard if kind == "outdated"]
    assert heard[0] == set()
    assert {"orders", "revenue"} in heard
    assert {"orders"} in heard  # defined as at first, but others counted meanwhile
    assert Counting.by(last.states[COUNTING_KEY], ALL_ORDERS.definitions).outdated == set()


def test_labels_are_no_definition_and_a_ratio_changes_with_its_parts() -> None:
    base = plan(count(), distinct(), ratio("orders", "customers")).definitions
    labelled = plan(count(owner="somebody", target=5), distinct(), ratio("orders", "customers")).definitions
    assert labelled == base
    changed = plan(count(where={"guest": False}), distinct(), ratio("orders", "customers")).definitions
    assert {name for name in base if base[name] != changed[name]} == {"orders", "rate"}
