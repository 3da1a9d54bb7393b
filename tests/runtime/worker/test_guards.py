"""A worker ends rather than go on with what it cannot trust, and says what, where and what to do."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from streamproc.runtime.exits import Exit
from tests.runtime.counted import assert_counted_once
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = pytest.mark.kafka

EVENTS = 400


@pytest.fixture
def prefix() -> str:
    return f"g{uuid4().hex[:8]}."


def topics(prefix: str, partitions: int = 1) -> dict[str, int]:
    return dict.fromkeys([f"{prefix}events", f"{prefix}events.state", f"{prefix}events.tens"], partitions)


def wanted(kafka: Any, prefix: str, **more: Any) -> dict[str, Any]:
    return {"servers": kafka.bootstrap, "prefix": prefix, "sources": ["events"], **more}


def committed(kafka: Any, prefix: str) -> int:
    return sum(asyncio.run(committed_offsets(kafka.bootstrap, f"{prefix}streamproc-counting")).values())


def test_a_record_larger_than_its_topic_takes_is_not_sent(kafka: Any, prefix: str, tmp_path: Path) -> None:
    names = topics(prefix)
    del names[f"{prefix}events.tens"]
    asyncio.run(create_topics(kafka.bootstrap, names))
    asyncio.run(create_topics(kafka.bootstrap, {f"{prefix}events.tens": 1}, **{"max.message.bytes": "120"}))
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(EVENTS)))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        assert worker.wait() == Exit.RECORD_SIZE
    assert f"{prefix}events.tens-0, key " in worker.text
    assert "bytes, at most 120" in worker.text
    assert "k1" not in worker.text.replace(prefix, "")
    assert committed(kafka, prefix) == 0


def test_batches_are_cut_to_what_the_topics_take(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, topics(prefix), **{"max.message.bytes": "300"}))
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(EVENTS), max_batch_size=250))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        until(lambda: committed(kafka, prefix) == EVENTS, worker)
        assert worker.terminate() == Exit.DONE
    assert_counted_once(kafka.bootstrap, prefix, "events")


def test_a_full_disk_stops_a_worker_before_it_starts(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, topics(prefix)))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, free_disk_bytes=1 << 60)) as worker:
        assert worker.wait() == Exit.DISK
    assert f"{worker.data_dir} has " in worker.text


@pytest.mark.faults
def test_a_disk_that_fills_up_stops_a_worker_and_one_with_room_goes_on(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, topics(prefix)))
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(EVENTS // 2)))
    bound = shutil.disk_usage(tmp_path).free - (4 << 30)
    with WorkerProcess(tmp_path, wanted(kafka, prefix, free_disk_bytes=bound)) as worker:
        until(lambda: committed(kafka, prefix) == EVENTS // 2, worker)
        filler = os.open(tmp_path / "filler", os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(filler, 0, 6 << 30)
        os.close(filler)
        assert worker.wait() == Exit.DISK
        (tmp_path / "filler").unlink()
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(EVENTS // 2, EVENTS)))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        until(lambda: committed(kafka, prefix) == EVENTS, worker)
        assert worker.terminate() == Exit.DONE
    assert_counted_once(kafka.bootstrap, prefix, "events")


def test_the_second_worker_on_a_folder_ends_and_the_first_goes_on(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, topics(prefix, 2)))
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 2, range(EVENTS // 2)))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as first:
        until(lambda: first.ready == 2, first)
        until(lambda: committed(kafka, prefix) == EVENTS // 2, first)
        with WorkerProcess(tmp_path, wanted(kafka, prefix)) as second:
            assert second.wait() == Exit.CONFIGURATION
        (line,) = second.text.splitlines()
        assert f"{first.data_dir / f'{prefix}streamproc-counting'} is in use by process {first.process.pid} on " in line
        asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 2, range(EVENTS // 2, EVENTS)))
        until(lambda: committed(kafka, prefix) == EVENTS, first)
        first.kill()
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as successor:
        until(lambda: successor.ready == 2, successor)
        assert successor.terminate() == Exit.DONE
    assert_counted_once(kafka.bootstrap, prefix, "events")


@pytest.mark.parametrize("damage", ["does not open", pytest.param("has a bad block", marks=pytest.mark.faults)])
def test_a_broken_store_is_rebuilt_and_the_others_are_left_alone(
    kafka: Any, prefix: str, damage: str, tmp_path: Path
) -> None:
    asyncio.run(create_topics(kafka.bootstrap, topics(prefix, 2)))
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 2, range(EVENTS)))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        until(lambda: committed(kafka, prefix) == EVENTS, worker)
        assert worker.terminate() == Exit.DONE
    stores = worker.data_dir / f"{prefix}streamproc-counting"
    if damage == "does not open":
        (stores / "events-0" / "CURRENT").write_text("nonsense")
    else:
        (table,) = (stores / "events-0").glob("*.sst")
        table.write_bytes(bytes(byte ^ 0xFF for byte in table.read_bytes()[:200]) + table.read_bytes()[200:])
        with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
            assert worker.wait() == Exit.STORE
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        until(lambda: worker.ready == 2, worker)
        assert worker.terminate() == Exit.DONE
    assert "recovered events 1 0" in worker.text
    assert "recovered events 0 0" not in worker.text
    assert (stores / "events-0.set-aside").is_dir()
    assert_counted_once(kafka.bootstrap, prefix, "events")
