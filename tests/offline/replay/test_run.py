"""Replays from files to a folder: whatever the number of processes, and what is wrong with dumps."""

from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.collect.settings import CollectSettings, WatermarkSettings
from streamproc.events.log import encode_event
from streamproc.events.source import SourceProgressed
from streamproc.events.times import rfc3339
from streamproc.events.topics import (
    KPIS_TOPIC,
    LOG_TOPIC,
    MODELS_TOPIC,
    SCORES_TOPIC,
    TRAINING_TOPIC,
    dead_letter_topic,
    trigger_topic,
)
from streamproc.events.training import Example
from streamproc.offline.dumps.files import write_dump
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from streamproc.offline.replay.run import Options, replay
from streamproc.offline.replay.setup import ReplayConfig, ReplayError
from streamproc.offline.replay.summary import Summary
from tests.builders import add, at_ms, consent, order, release, view
from tests.builders import at as moment
from tests.offline.replay.logs import RAW, Log, raw, setup

SHOP = setup(churn={"release_every": 4, "horizon_days": 7})
ABANDONED = trigger_topic("abandoned_cart")
SHOPPING = [
    consent(),
    add(minutes=1),
    *[order(customer_id=who, days=day) for day in range(12) for who in ("ada", "bob", "cleo", "dora")],
    view(days=12, hours=3),
]


def log_of_a_day() -> Log:
    return Log().add(
        consent(), add(minutes=1), order(customer_id="bob"), 10, release(SHOP.plan.models["churn"]), 200, 1500
    )


def run(folder: Path, records: Iterable[DumpedRecord], shop: ReplayConfig = SHOP, **options: Any) -> Summary:
    folder.mkdir(exist_ok=True)
    write_dump(folder / "dump.jsonl", records)
    return replay([folder / "dump.jsonl"], shop, folder / "out", Options(**options))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def values(folder: Path, topic: str) -> list[Any]:
    return [orjson.loads(line)["value"] for line in (folder / "out" / f"{topic}.jsonl").read_bytes().splitlines()]


def test_a_replay_of_the_log_writes_what_is_said_and_known(tmp_path: Path) -> None:
    summary = run(tmp_path, log_of_a_day().dumped())
    assert [trigger["at"] for trigger in values(tmp_path, ABANDONED)] == ["2024-05-01T13:01:00Z"]
    assert {kpi["kpi"] for kpi in values(tmp_path, KPIS_TOPIC)} >= {"orders", "carts", "triggers"}
    assert (summary.source, summary.events, summary.customers) == ("log", 3, 2)
    assert summary.model_versions == ("churn-1",)
    assert orjson.loads((tmp_path / "out" / "summary.json").read_bytes())["decisions_hash"] == summary.decisions_hash
    assert (tmp_path / "out" / "state.jsonl").read_bytes().count(b"decide-state") == 2 + 3  # and each partition's own


def test_a_replay_of_raw_records_learns_and_scores(tmp_path: Path) -> None:
    summary = run(tmp_path, raw(SHOPPING))
    assert summary.source == "raw"
    examples = [value for value in values(tmp_path, TRAINING_TOPIC) if value["type"] == "example"]
    assert len(examples) > 20
    through = max(each["through_ms"] for each in values(tmp_path, TRAINING_TOPIC) if each["type"] == "progress")
    assert len(values(tmp_path, MODELS_TOPIC)) == sum(each["due_ms"] <= through for each in examples) // 4
    assert len(values(tmp_path, SCORES_TOPIC)) > 10
    assert {each.name for each in fields(Example)} == examples[0].keys()


@pytest.mark.slow
@pytest.mark.parametrize("records", [log_of_a_day().dumped(), raw(SHOPPING)], ids=["log", "raw"])
def test_any_number_of_processes_writes_the_same_bytes(tmp_path: Path, records: list[DumpedRecord]) -> None:
    run(tmp_path / "one", records)
    run(tmp_path / "two", records, jobs=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_the_log_that_a_raw_replay_made_replays_to_the_same_decisions(tmp_path: Path) -> None:
    first = run(tmp_path, raw(SHOPPING))
    second = replay([tmp_path / "out" / f"{LOG_TOPIC}.jsonl"], SHOP, tmp_path / "again", Options())
    assert first.model_versions
    assert (second.decisions_hash, second.model_versions) == (first.decisions_hash, first.model_versions)
    assert {**second.outputs, MODELS_TOPIC: 0} == {**first.outputs, MODELS_TOPIC: 0}


@pytest.mark.slow
def test_a_replay_goes_on_from_the_states_of_an_earlier_one(tmp_path: Path) -> None:
    records = log_of_a_day().dumped()
    whole = run(tmp_path / "whole", records)
    run(tmp_path / "first", records[:6])
    second = run(tmp_path / "second", records[6:], begin_with=tmp_path / "first" / "out" / "state.jsonl")
    assert second.states_hash == whole.states_hash
    assert values(tmp_path / "second", ABANDONED) == values(tmp_path / "whole", ABANDONED)
    assert second.begins


def test_what_cannot_be_read_goes_to_the_dead_letters(tmp_path: Path) -> None:
    run(tmp_path, [DumpedRecord("shop.email.v1", b"k", 1_714_564_800_000, b"no json"), *raw([view(minutes=1)])])
    (line,) = (tmp_path / "out" / f"{dead_letter_topic('shop.email.v1')}.jsonl").read_bytes().splitlines()
    dead = orjson.loads(line)
    assert (dead["key"], dead["value"]) == ("k", "no json")
    assert {"name": "dlq-reason", "value": "not_json"} in dead["headers"]


def test_what_conflicts_stands_behind_what_cannot_be_read(tmp_path: Path) -> None:
    sent = [view(event_id="e1"), view(event_id="e1", minutes=1)]
    run(tmp_path, [*raw(sent), DumpedRecord("shop.clickstream.v1", b"k", 1_714_564_900_000, b"no json")])
    lines = (tmp_path / "out" / f"{dead_letter_topic('shop.clickstream.v1')}.jsonl").read_bytes().splitlines()
    reasons = [{header["name"]: header["value"] for header in orjson.loads(line)["headers"]} for line in lines]
    assert {each["dlq-reason"]: each["dlq-offset"] for each in reasons} == {"conflicting_repeat": "1", "not_json": "2"}


def test_raw_records_keep_the_place_that_they_had_in_kafka(tmp_path: Path) -> None:
    (there,) = raw([view()])
    run(tmp_path, [replace(there, partition=1, offset=77, topic_id="id")])
    log = (tmp_path / "out" / f"{LOG_TOPIC}.jsonl").read_bytes()
    assert b'"src":{"topic":"shop.clickstream.v1","partition":1,"offset":77,"topic_id":"replay"}' in log


def test_a_raw_record_that_is_older_than_the_one_before_it_keeps_its_place_and_does_not_turn_time_back(
    tmp_path: Path,
) -> None:
    first, second = raw([view(minutes=1), view(minutes=30)])
    (third,) = raw([view(minutes=20)])
    (old,) = raw([view(days=-1)])
    run(tmp_path, [first, second, third])
    log = [orjson.loads(line) for line in (tmp_path / "out" / f"{LOG_TOPIC}.jsonl").read_bytes().splitlines()]
    events = [row["value"]["at"][11:16] for row in log if row["key"] == "c/ada"]
    assert events == ["12:01", "12:30", "12:20"]
    with pytest.raises(DumpError, match=r"dump\.jsonl:2: timestamp \d+ is before \d+, which was there already; sort"):
        run(tmp_path, [first, old])


def test_where_all_sources_of_historical_data_say_that_they_end_time_goes_on_to_there(tmp_path: Path) -> None:
    shop = replace(SHOP, collect=CollectSettings(watermark=WatermarkSettings(idle="hold")))
    (seen,) = raw([view()])
    ending = encode_event(SourceProgressed(through=moment(days=9)))
    places = [(topic, number) for topic, count in RAW.items() for number in range(count)]
    ends = [DumpedRecord(topic, None, seen.timestamp, ending, n, 7, topic_id="id") for topic, n in places]
    assert set(run(tmp_path / "some", [seen, *ends[1:]], shop).through) == {rfc3339(at_ms())}
    assert set(run(tmp_path / "all", [seen, *ends], shop).through) == {rfc3339(at_ms(days=9))}


def at(record: DumpedRecord, **changes: Any) -> DumpedRecord:
    return replace(record, **changes)


ONE, TWO = Log().add(view(), view()).dumped()
WRONG: list[tuple[list[DumpedRecord], str]] = [
    ([], r"dump\.jsonl: no record in it"),
    ([ONE, at(TWO, topic="marketing.offers.v1")], "marketing.offers.v1 is not the customer log: dump .* alone"),
    ([at(ONE, offset=None)], "without its offset: dump it anew with `streamproc dump`"),
    ([ONE, ONE], r"offset 0: comes after offset 0: name each dump once"),
    ([ONE, at(TWO, topic_id="b2")], r"is of another log \(topic id b2, before it a1\): the topic was made anew"),
    ([at(ONE, partition=9)], r"partition 9, offset 0: topics/ says that the log has 2 partitions.*--topics"),
    ([*raw([view()]), ONE], r"shop.customer-events.v1 partition \d is no partition of an active raw topic"),
    ([at(raw([view()])[0], topic="shop.chat.v1")], r"shop\.chat\.v1 partition 0 is no partition .* app\.toml"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("records", "message"), WRONG)
def test_what_is_wrong_with_a_dump_is_said_with_its_place_and_remedy(
    tmp_path: Path, records: list[DumpedRecord], message: str
) -> None:
    with pytest.raises(ReplayError, match=message):
        run(tmp_path, records)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["dump.jsonl"]


@pytest.mark.slow
def test_an_error_in_another_process_is_told_as_one_in_this(tmp_path: Path) -> None:
    broken = at(ONE, value=b'{"at":"2024-05-01T12:00:00Z"}')
    with pytest.raises(ReplayError, match=r"offset 0: received_at: Field required; another version"):
        run(tmp_path, [broken], jobs=2)


def test_a_dump_that_is_cut_off_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    write_dump(path, log_of_a_day().dumped() * 1)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DumpError, match="the file is cut off"):
        replay([path], SHOP, tmp_path / "out", Options())
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(ReplayError, match="holds something else than a replay"):
        run(tmp_path, [ONE])
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


def test_states_of_another_version_are_told(tmp_path: Path) -> None:
    run(tmp_path, log_of_a_day().dumped())
    state = tmp_path / "state.jsonl"
    lines = (tmp_path / "out" / "state.jsonl").read_bytes()
    state.write_bytes(lines.replace(b'"key":"~","state_base64":"gX', b'"key":"~","state_base64":"g3'))
    with pytest.raises(ReplayError, match=r"the state of partition \d to begin with cannot be read: .* version 131"):
        run(tmp_path, [ONE], begin_with=state)
    state.write_text("{}\n")
    with pytest.raises(ReplayError, match=r"state\.jsonl:1: no state .* give the state\.jsonl that a replay"):
        run(tmp_path, [ONE], begin_with=state)


def test_raw_dumps_begin_with_no_state(tmp_path: Path) -> None:
    (tmp_path / "state.jsonl").touch()
    with pytest.raises(ReplayError, match="raw dumps begin with none"):
        run(tmp_path, raw([view()]), begin_with=tmp_path / "state.jsonl")


def test_all_raw_topics_have_a_partition_in_a_mark() -> None:
    assert set(SHOP.collect.topics) == set(RAW)
