"""`streamproc dump` on the real Kafka: what is committed, from when to when, and again after it was broken off."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.dumps.resumable import ResumableDump
from streamproc.runtime.client.ranges import find_stretches
from tests.runtime.log_reading import create_topics

HOUR_MS = 3_600_000
MIDNIGHT_MS = 1_714_521_600_000
"""2024-05-01."""

Dump = Callable[..., Result]


@pytest.fixture
def topic(kafka: Any) -> str:
    """A topic with two partitions: a record an hour in each, six more in an open transaction that is given up."""
    name = f"d{uuid.uuid4().hex[:8]}"
    asyncio.run(fill(kafka.bootstrap, name))
    return name


async def fill(servers: str, topic: str) -> None:
    await create_topics(servers, {topic: 2})
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        for hour in range(12):
            for partition in range(2):
                await producer.send_and_wait(
                    topic, b"%d" % hour, b"k\xff", partition, MIDNIGHT_MS + hour * HOUR_MS, [("h", b"v")]
                )
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=topic) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"never said", partition=0)
        await producer.abort_transaction()


@pytest.fixture
def dump(kafka: Any, monkeypatch: pytest.MonkeyPatch) -> Dump:
    monkeypatch.setenv("STREAMPROC_KAFKA__BOOTSTRAP", kafka.bootstrap)
    return lambda *arguments: CliRunner().invoke(main, ["dump", *map(str, arguments)])


def test_a_dump_holds_what_is_committed_in_the_order_of_time(dump: Dump, topic: str, tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl.gz"
    result = dump(topic, "--out", out)
    assert result.exit_code == 0, result.output
    assert result.output == f"24 records in {out}\n"
    records = list(read_dump(out))
    assert [(r.timestamp, r.partition, r.offset, r.value) for r in records] == [
        (MIDNIGHT_MS + hour * HOUR_MS, partition, hour, b"%d" % hour) for hour in range(12) for partition in range(2)
    ]
    assert {(r.topic, r.key, r.headers) for r in records} == {(topic, b"k\xff", (("h", b"v"),))}
    assert len({r.topic_id for r in records}) == 1


def test_a_dump_is_bounded_by_timestamps(dump: Dump, topic: str, tmp_path: Path) -> None:
    out = tmp_path / "log.parquet"
    assert dump(topic, "--from", "2024-05-01T03:00:00", "--to", "2024-05-01T05:00:00Z", "--out", out).exit_code == 0
    assert [(r.value, r.partition) for r in read_dump(out)] == [(b"3", 0), (b"3", 1), (b"4", 0), (b"4", 1)]
    assert dump(topic, "--from", "2025-01-01", "--out", out).exit_code == 0
    assert list(read_dump(out)) == []


def test_a_dump_that_was_broken_off_goes_on_where_it_stopped(
    dump: Dump, topic: str, tmp_path: Path, kafka: Any
) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "log.jsonl"
    dump(topic, "--out", whole)
    records = list(read_dump(whole))
    asyncio.run(break_off(kafka.bootstrap, topic, out, records[:9]))
    result = dump(topic, "--out", out)
    assert result.exit_code == 0, result.output
    assert "going on behind the 9 records that are there" in result.output
    assert list(read_dump(out)) == records


async def break_off(servers: str, topic: str, out: Path, records: list[DumpedRecord]) -> None:
    """What a dump leaves that is killed after these records."""
    stretches = await find_stretches({"bootstrap_servers": servers}, [topic], None, None)
    reached = {record.partition: record.offset or 0 for record in records}
    rest = [stretch.after(reached[stretch.partition]) for stretch in stretches]
    task = {"topics": [topic], "from_ms": None, "to_ms": None}
    places = [{name: getattr(each, name) for name in type(each).__slots__} for each in rest]
    with ResumableDump(out, task, lambda: places) as dump:
        for record in records:
            dump.write(record)
        dump._write_down()


def test_a_topic_that_is_not_there_is_named(dump: Dump, tmp_path: Path) -> None:
    result = dump("shop.weather.v1", "--out", tmp_path / "log.jsonl")
    assert result.exit_code == 2
    assert "topic shop.weather.v1 does not exist; `streamproc topics list` shows those that do" in result.output


def test_a_name_says_the_format(dump: Dump, tmp_path: Path) -> None:
    result = dump("t", "--out", tmp_path / "log.csv")
    assert "the name must end in .jsonl, .jsonl.gz or .parquet" in result.output
