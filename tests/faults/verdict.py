"""Compares what is there with what must be there; every difference is told, with its place."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import TopicPartition

from streamproc.decide.clock.event_time import PartitionState
from streamproc.events.log import CONTROL_KEY, Complete, decode_record
from streamproc.events.topics import LOG_TOPIC
from streamproc.runtime.state.recovery import ChangelogBounds, recover
from streamproc.runtime.state.source_position import POSITION_KEY, decode_position
from streamproc.runtime.state.store import RocksMemory, RocksStore
from tests.faults.clock_marks import HIDDEN_MS, late_for_clock
from tests.faults.difference import Difference, Kind
from tests.faults.dumped import Dump, Place, dump_all
from tests.faults.marks import told_too_early
from tests.faults.oracle import Expected, Flow, Row, known_outputs, run_serially, source_of
from tests.faults.setting import CHANGELOGS, Setting


@dataclass
class Verdict:
    """The outcome of a run's check: the differences, and numbers that show what the run was worth."""

    differences: list[Difference] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def number(self, kind: Kind) -> int:
        """How many differences of a kind."""
        return sum(difference.kind == kind for difference in self.differences)


def check(setting: Setting, data_dirs: list[Path], evidence: Path, *, is_done: bool = True) -> Verdict:
    """Dump everything, run the oracle and compare; `is_done`: everything that was sent must have been processed."""
    started = time.monotonic()
    dump = asyncio.run(dump_all(setting))
    verdict = judge(dump, setting, is_done=is_done)
    verdict.differences += asyncio.run(_recoveries(setting, data_dirs, dump))
    verdict.seconds = time.monotonic() - started
    if verdict.differences:
        write_evidence(evidence, dump, verdict)
    return verdict


def write_evidence(folder: Path, dump: Dump, verdict: Verdict) -> None:
    """The topics, and what is wrong with them, for whoever looks for the cause."""
    dump.save(folder / "dump.pickle")
    told = [f"{each.kind:>8} {each.where}: {each.what}" for each in verdict.differences]
    (folder / "differences.txt").write_text("\n".join(told) + "\n")


def judge(dump: Dump, setting: Setting, *, is_done: bool) -> Verdict:
    """Compare a dump with the oracle; needs no Kafka, so that evidence can be judged again."""
    expected = run_serially(dump, setting)
    differences = [*_outputs(dump, expected, setting), *_states(dump, expected), *told_too_early(dump, expected)]
    if setting.idle == "wall_clock" and not setting.clock_runs_ahead:
        lateness_ms = setting.configuration.app.collect.watermark.lateness_ms
        differences += late_for_clock(dump, lateness_ms, HIDDEN_MS if setting.replicas == 1 else lateness_ms)
    if is_done:
        differences += _unfinished(dump, setting)
    if is_done and setting.idle == "hold":
        differences += _stands_still(dump, expected)
    counts = {
        "events": sum(map(len, dump.sources(setting.raw_topics).values())),
        "log": len(dump.of(LOG_TOPIC)),
        "triggers": sum(len(dump.of(name)) for name in setting.outputs if ".triggers." in name),
        "examples": sum(b'"example"' in (read.value or b"") for read in dump.of("streamproc.training.v1")),
        "releases": len(dump.of("streamproc.models.v1")),
        "kpis": len(dump.of("marketing.kpis.v1")),
        "dead": sum(len(dump.of(name)) for name in setting.dead_letters.values()),
        "aborted": sum(dump.aborted.values()),
        "compacted": dump.compacted,
    }
    return Verdict(differences, counts)


def _outputs(dump: Dump, expected: Expected, setting: Setting) -> Iterator[Difference]:
    known = known_outputs(expected)
    found: dict[Flow, list[Row]] = {}
    for topic in setting.outputs:
        for read in dump.of(topic):
            if (source := source_of(read, known)) is not None:
                found.setdefault((topic, read.partition, *source), []).append(
                    (read.key, read.value, tuple(read.headers))
                )
    for flow in sorted(expected.flows.keys() | found.keys()):
        yield from _compare(flow, expected.flows.get(flow, []), found.get(flow, []))


def _compare(flow: Flow, wanted: list[Row], found: list[Row]) -> Iterator[Difference]:
    """One order on both sides: what is missing, what is there again, what nobody wrote, and what changed places."""
    if wanted == found:
        return
    where = f"{flow[0]}-{flow[1]} from {flow[2]}-{flow[3]}"
    missing, more = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    for row, count in missing.items():
        yield Difference("lost", where, f"{count} x {_short(row)}")
    for row, count in more.items():
        yield Difference("repeated" if row in wanted else "wrong", where, f"{count} x {_short(row)}")
    if not missing and not more:
        place = next(number for number, pair in enumerate(zip(wanted, found, strict=True)) if pair[0] != pair[1])
        yield Difference("wrong", where, f"out of order from record {place} on: {_short(found[place])}")


def _short(row: Row) -> str:
    return f"{row[0]!r} {(row[1] or b'')[:160]!r}"


def _states(dump: Dump, expected: Expected) -> Iterator[Difference]:
    for changelog in CHANGELOGS.values():
        for place in (place for place in dump.records if place[0] == changelog):
            latest = {read.key or b"": read.value for read in dump.records[place]}
            there = {key: value for key, value in latest.items() if value is not None}
            yield from _compare_states(f"{place[0]}-{place[1]}", expected.states.get(place, {}), there)


def _compare_states(where: str, wanted: dict[bytes, bytes], there: dict[bytes, bytes]) -> Iterator[Difference]:
    for key in sorted(wanted.keys() | there.keys()):
        if key not in there:
            yield Difference("lost", where, f"no state of {key!r}")
        elif key not in wanted:
            yield Difference("wrong", where, f"a state of {key!r} that nobody should have")
        elif wanted[key] != there[key] and _canonical(key, wanted[key]) != _canonical(key, there[key]):
            yield Difference("wrong", where, f"{key!r} is {there[key][:300]!r}, not {wanted[key][:300]!r}")


def _canonical(key: bytes, raw: bytes) -> object:
    """The plan that a mark names decides nothing."""
    if key != POSITION_KEY:
        return raw
    mark = decode_position(raw)
    return mark.topic_id, mark.offset


def _unfinished(dump: Dump, setting: Setting) -> Iterator[Difference]:
    """Committed offsets are at the end: behind the last record that can be read."""
    for topic in setting.sources:
        for place in (place for place in dump.records if place[0] == topic):
            last = max((read.offset for read in dump.records[place]), default=None)
            committed = dump.committed.get(place)
            if last is not None and committed != last + 1:
                yield Difference("lost", f"{place[0]}-{place[1]}", f"committed is {committed}, the end is {last + 1}")


def _stands_still(dump: Dump, expected: Expected) -> Iterator[Difference]:
    """What the sources said of their ends has reached every partition of the log: or timers would wait for ever."""
    end = min(history[-1][1] for history in expected.reached.values())
    for place in (place for place in dump.records if place[0] == LOG_TOPIC):
        state = PartitionState()
        for read in dump.records[place]:
            if read.key == CONTROL_KEY and isinstance(event := decode_record(read.value or b"").event, Complete):
                state = state.after(event)
        if state.watermark_ms != end:
            yield Difference("lost", f"{place[0]}-{place[1]}", f"event time stands at {state.watermark_ms}, not {end}")


async def _recoveries(setting: Setting, data_dirs: list[Path], dump: Dump) -> list[Difference]:
    """What the product's recovery makes: from nothing, and from each local copy that a worker left behind."""
    differences: list[Difference] = []
    with TemporaryDirectory() as fresh:
        for source, changelog in CHANGELOGS.items():
            group = setting.group(setting.sources[source])
            for partition in range(setting.partitions[changelog]):
                place = changelog, partition
                latest = {read.key or b"": read.value for read in dump.records[place]}
                wanted = {key: value for key, value in latest.items() if value is not None and key != POSITION_KEY}
                copies = [folder / "state" / group / f"{source}-{partition}" for folder in data_dirs]
                for path in [Path(fresh) / f"{source}-{partition}", *filter(Path.exists, copies)]:
                    there = await _recovered(path, place, dump, setting)
                    differences += _compare_states(f"recovery of {path}", wanted, there)
    return differences


async def _recovered(path: Path, place: Place, dump: Dump, setting: Setting) -> dict[bytes, bytes]:
    store = RocksStore(path, RocksMemory(1 << 20, 1 << 20))
    try:
        partition = TopicPartition(setting.prefix + place[0], place[1])
        bounds = ChangelogBounds(partition, dump.ids[place[0]], dump.begins[place], dump.ends[place])
        await recover(store, bounds, setting.client, 20 * 3600.0)
        return dict(store.items())
    finally:
        store.close()
