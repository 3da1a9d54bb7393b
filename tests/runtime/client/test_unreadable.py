"""Where nothing may be passed over, what cannot be read ends a worker, at the very record, with the remedy."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.exits import Exit
from streamproc.runtime.refusal import UnreadableRecordError
from tests.runtime.batches.encoding import CODECS, Row, batch
from tests.runtime.batches.producing import produce
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

pytestmark = pytest.mark.kafka

EVENTS = 400
NOW_MS = int(time.time() * 1000)
BAD = batch([Row(b"1", b"k1", headers=[(b"\xff", b"")])], time_ms=NOW_MS)


@pytest.fixture
def prefix(kafka: Any) -> str:
    made = f"u{uuid4().hex[:8]}."
    names = [f"{made}events", f"{made}events.state", f"{made}events.tens"]
    asyncio.run(create_topics(kafka.bootstrap, dict.fromkeys(names, 1)))
    return made


def wanted(kafka: Any, prefix: str) -> dict[str, Any]:
    return {"servers": kafka.bootstrap, "prefix": prefix, "sources": ["events"]}


def committed(kafka: Any, prefix: str) -> int:
    return sum(asyncio.run(committed_offsets(kafka.bootstrap, f"{prefix}streamproc-counting")).values())


def test_everything_before_it_is_committed_and_the_line_says_how_to_go_over_it(
    kafka: Any, prefix: str, tmp_path: Path
) -> None:
    asyncio.run(send_events(kafka.bootstrap, f"{prefix}events", 1, range(EVENTS)))
    asyncio.run(produce(kafka.bootstrap, f"{prefix}events", BAD, batch([Row(b"2")], time_ms=NOW_MS)))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        assert worker.wait() == Exit.RECORDS
    assert f"{prefix}events-0: records could not be processed: offset {EVENTS} cannot be read: " in worker.text
    assert f"repair move counting events --partition 0 --to {EVENTS + 1}`" in worker.text
    until(lambda: committed(kafka, prefix) == EVENTS)  # The transaction's end reaches the offsets a little later.


def test_a_changelog_that_cannot_be_read_ends_the_take_over(kafka: Any, prefix: str, tmp_path: Path) -> None:
    asyncio.run(produce(kafka.bootstrap, f"{prefix}events.state", BAD))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        assert worker.wait() == Exit.RECORDS
    assert f"{prefix}events.state-0 offset 0: cannot be read: the name of a header is no UTF-8" in worker.text
    assert "Traceback" not in worker.text


@pytest.mark.parametrize("codec", CODECS)
def test_a_worker_reads_every_codec_that_kafka_takes(kafka: Any, prefix: str, tmp_path: Path, codec: str) -> None:
    rows = [Row(str(number).encode(), b"k%d" % (number % 7)) for number in range(EVENTS)]
    batches = [batch(part, codec=codec, time_ms=NOW_MS) for part in (rows[:300], rows[300:])]
    asyncio.run(produce(kafka.bootstrap, f"{prefix}events", *batches))
    with WorkerProcess(tmp_path, wanted(kafka, prefix)) as worker:
        until(lambda: worker.ready == 1, worker)
        until(lambda: committed(kafka, prefix) == EVENTS, worker)
        assert worker.terminate() == Exit.DONE


def test_a_reader_is_told_the_place_in_a_sentence(kafka: Any, prefix: str) -> None:
    async def read() -> Sequence[Any]:
        await produce(kafka.bootstrap, f"{prefix}events", batch([Row(b"1")], time_ms=NOW_MS), BAD)
        return [each async for each in read_to_end({"bootstrap_servers": kafka.bootstrap}, f"{prefix}events")]

    with pytest.raises(UnreadableRecordError, match=r"events-0 offset 1: cannot be read: the name of a header is no"):
        asyncio.run(read())
