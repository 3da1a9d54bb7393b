"""A worker on a real Kafka: what it does, and when it refuses to."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from streamproc.runtime.exits import Exit
from streamproc.runtime.state.store import RocksMemory, RocksStore
from tests.runtime.counted import assert_counted_once
from tests.runtime.log_reading import (
    commit_offset,
    committed_offsets,
    create_topics,
    delete_topic,
    send_events,
    send_poison,
)
from tests.runtime.told_to_stop import told_until_it_is_gone
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = pytest.mark.kafka


@pytest.fixture
def prefix() -> str:
    return f"w{uuid4().hex[:8]}."


def layout(prefix: str, partitions: dict[str, int]) -> dict[str, int]:
    """Source topics with their changelogs and outputs."""
    return {
        f"{prefix}{source}{kind}": count for source, count in partitions.items() for kind in ("", ".state", ".tens")
    }


def wanted(kafka: Any, prefix: str, *sources: str, **more: Any) -> dict[str, Any]:
    return {"servers": kafka.bootstrap, "prefix": prefix, "sources": list(sources), **more}


def committed(kafka: Any, prefix: str) -> int:
    return sum(asyncio.run(committed_offsets(kafka.bootstrap, f"{prefix}streamproc-counting")).values())


def count_once(kafka: Any, prefix: str, folder: Path) -> Path:
    """A worker that has counted 100 events and stopped; returns where its local store is."""
    asyncio.run(create_topics(kafka.bootstrap, layout(prefix, {"events": 1})))
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(100)))
    with WorkerProcess(folder, wanted(kafka, prefix, "events")) as worker:
        until(lambda: committed(kafka, prefix) == 100, worker)
        assert worker.terminate() == Exit.DONE
    return worker.data_dir / f"{prefix}streamproc-counting" / "events-0"


def test_two_workers_share_two_topics_with_different_partition_counts(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, layout(prefix, {"many": 3, "single": 1})))
    one_wanted = wanted(kafka, prefix, "many", "single")
    with WorkerProcess(tmp_path / "1", one_wanted) as one, WorkerProcess(tmp_path / "2", one_wanted) as two:
        until(lambda: one.ready + two.ready == 4 and bool(one.ready and two.ready), one, two)
        asyncio.run(send_events(kafka.bootstrap, f"{prefix}many", 3, range(600)))
        asyncio.run(send_events(kafka.bootstrap, f"{prefix}single", 1, range(300)))
        until(lambda: committed(kafka, prefix) == 900, one, two)
        assert two.terminate() == Exit.DONE
        until(lambda: one.ready == 4, one)
        assert one.terminate() == Exit.DONE
    assert_counted_once(kafka.bootstrap, prefix, "many")
    assert_counted_once(kafka.bootstrap, prefix, "single")


def test_a_worker_without_a_local_store_recovers_from_the_changelog(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, layout(prefix, {"events": 1})))
    in_memory = wanted(kafka, prefix, "events", store="memory")

    def count_to(first: int, end: int) -> None:
        asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(first, end)))
        with WorkerProcess(tmp_path, in_memory) as worker:
            until(lambda: committed(kafka, prefix) == end, worker)
            assert worker.terminate() == Exit.DONE

    count_to(0, 200)
    count_to(200, 400)
    assert_counted_once(kafka.bootstrap, prefix, "events")


def test_a_missing_topic_stops_the_worker_with_the_command_that_mends_it(
    kafka: Any, prefix: str, tmp_path: Path
) -> None:
    asyncio.run(create_topics(kafka.bootstrap, {f"{prefix}events": 1, f"{prefix}events.state": 1}))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        assert worker.wait() == Exit.TOPICS
        assert f"{prefix}events.tens does not exist -> run `streamproc topics apply` [exit 80]" in worker.text


def test_a_changelog_with_another_partition_count_stops_the_worker(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, layout(prefix, {"events": 2}) | {f"{prefix}events.state": 1}))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        assert worker.wait() == Exit.TOPICS
        assert f"{prefix}events has 2, {prefix}events.state has 1" in worker.text


def test_a_kafka_that_is_not_there_stops_the_worker_after_its_patience(tmp_path: Path) -> None:
    nowhere = {"servers": "127.0.0.1:9", "prefix": "", "sources": ["events"], "connect_seconds": 1.0}
    with WorkerProcess(tmp_path, nowhere) as worker:
        assert worker.wait() == Exit.KAFKA_AWAY
        assert worker.text.count("Kafka at 127.0.0.1:9 is away") == 1


def test_a_worker_that_waits_for_kafka_stops_when_it_is_asked_to(tmp_path: Path) -> None:
    nowhere = {"servers": "127.0.0.1:9", "prefix": "", "sources": ["events"]}
    with WorkerProcess(tmp_path, nowhere) as worker:
        until(lambda: "Kafka at 127.0.0.1:9 is away" in worker.text, worker)
        assert told_until_it_is_gone(worker) == Exit.DONE


def test_an_offset_that_went_back_is_passed_over(kafka: Any, prefix: str, tmp_path: Path) -> None:
    count_once(kafka, prefix, tmp_path)
    place = TopicPartition(f"{prefix}events", 0)
    asyncio.run(commit_offset(kafka.bootstrap, f"{prefix}streamproc-counting", place, 50))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        until(lambda: worker.ready == 1, worker)
        assert "offset 50 is committed, but its states were made up to 100: goes on there" in worker.text
        assert worker.terminate() == Exit.DONE


def test_an_offset_that_somebody_put_forward_stops_the_worker(kafka: Any, prefix: str, tmp_path: Path) -> None:
    count_once(kafka, prefix, tmp_path)
    place = TopicPartition(f"{prefix}events", 0)
    asyncio.run(commit_offset(kafka.bootstrap, f"{prefix}streamproc-counting", place, 101))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        assert worker.wait() == Exit.RESET
        assert "offset 101 is committed, but its states were made up to 100" in worker.text


def test_a_changelog_that_lost_its_end_stops_the_worker(kafka: Any, prefix: str, tmp_path: Path) -> None:
    store = RocksStore(count_once(kafka, prefix, tmp_path), RocksMemory(1 << 20, 1 << 20))
    position = store.position()
    assert position is not None
    store.write([], position._replace(offset=position.offset + 1000))
    store.close()
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        assert worker.wait() == Exit.CHANGELOG
        assert f"but {position.offset + 1000} was committed to it" in worker.text


def test_a_changelog_that_was_made_anew_stops_the_worker(kafka: Any, prefix: str, tmp_path: Path) -> None:
    count_once(kafka, prefix, tmp_path)
    asyncio.run(delete_topic(kafka.bootstrap, f"{prefix}events.state"))
    asyncio.run(create_topics(kafka.bootstrap, {f"{prefix}events.state": 1}))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        assert worker.wait() == Exit.RESET
        assert "offset 100 is committed, but the changelog is empty" in worker.text


def test_a_restart_with_a_complete_local_store_reads_nothing(kafka: Any, prefix: str, tmp_path: Path) -> None:
    count_once(kafka, prefix, tmp_path)
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        until(lambda: "recovered events 0 0" in worker.text, worker)
        assert worker.terminate() == Exit.DONE


def test_a_record_that_cannot_be_processed_stops_the_worker_and_commits_nothing(
    kafka: Any, prefix: str, tmp_path: Path
) -> None:
    asyncio.run(create_topics(kafka.bootstrap, layout(prefix, {"events": 1})))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        until(lambda: worker.ready == 1, worker)
        asyncio.run(send_poison(kafka.bootstrap, f"{prefix}events"))
        assert worker.wait() == Exit.RECORDS
        assert "events-0 offsets 0 to 0: records could not be processed: ValueError" in worker.text
    assert committed(kafka, prefix) == 0


def test_a_recreated_topic_stops_the_running_worker_and_the_next_one(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka.bootstrap, layout(prefix, {"events": 1})))
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(100)))
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        until(lambda: committed(kafka, prefix) == 100, worker)
        asyncio.run(delete_topic(kafka.bootstrap, f"{prefix}events"))
        asyncio.run(create_topics(kafka.bootstrap, {f"{prefix}events": 1}))
        assert worker.wait() in {Exit.TOPICS, Exit.RECREATED}  # It may look between the two.
    with WorkerProcess(tmp_path, wanted(kafka, prefix, "events")) as worker:
        assert worker.wait() == Exit.RECREATED
