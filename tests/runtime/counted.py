"""What a counting worker has done, compared with a serial run of the same code over the same log."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from streamproc.runtime.state.store import RESERVED, RocksMemory, RocksStore
from tests.runtime.counting_stage import CODEC, EVERY, KEYLESS, Count, after
from tests.runtime.log_reading import committed_offsets, read_topic
from tests.runtime.worker_process import WorkerProcess, until


@dataclass(frozen=True)
class Counted:
    """States by partition and key, and outputs by their cause."""

    states: dict[tuple[int, bytes], Count]
    tens: dict[str, tuple[bytes, Count]]


def oracle(name: str, records: Iterable[Any]) -> Counted:
    states: dict[tuple[int, bytes], Count] = {}
    tens = {}
    for record in records:
        key = record.key or KEYLESS
        count = states[record.partition, key] = after(states.get((record.partition, key)), record.value)
        if count[0] % EVERY == 0:
            tens[f"{name}-{record.partition}-{record.offset}"] = (key, count)
    return Counted(states, tens)


def in_changelog(records: Iterable[Any]) -> dict[tuple[int, bytes], Count]:
    states = {}
    for record in records:
        if not record.key.startswith(RESERVED):
            states[record.partition, record.key] = CODEC.decode(record.value)
    return states


def in_stores(data_dir: Path, group: str, topic: str) -> dict[tuple[int, bytes], Count]:
    """What a worker that is stopped has in its local stores."""
    states: dict[tuple[int, bytes], Count] = {}
    places = {folder: folder.name.rpartition("-")[2] for folder in (data_dir / group).glob(f"{topic}-*")}
    for folder, partition in [(folder, int(number)) for folder, number in places.items() if number.isdigit()]:
        store = RocksStore(folder, RocksMemory(1 << 20, 1 << 20))
        states |= {(partition, key): CODEC.decode(value) for key, value in store.items()}
        store.close()
    return states


def assert_counted_once(servers: str, prefix: str, topic: str) -> Counted:
    """Changelog, outputs and committed offsets are those of the serial run; returns that."""

    async def read() -> Counted:
        source = await read_topic(servers, prefix + topic)
        expected = oracle(topic, source)
        tens = await read_topic(servers, f"{prefix}{topic}.tens")
        values = [orjson.loads(record.value) for record in tens]
        assert in_changelog(await read_topic(servers, f"{prefix}{topic}.state")) == expected.states
        assert len(tens) == len(expected.tens)
        assert expected.tens == {
            value["cause"]: (record.key, tuple(value["count"])) for record, value in zip(tens, values, strict=True)
        }
        assert [record.headers for record in tens] == [(("ce_id", value["cause"].encode()),) for value in values]
        ends = {(record.topic, record.partition): record.offset + 1 for record in source}
        committed = await committed_offsets(servers, f"{prefix}streamproc-counting")
        assert {place: committed.get(place) for place in ends} == ends
        return expected

    return asyncio.run(read())


def recovered_afresh(folder: Path, wanted: dict[str, Any], partitions: int) -> dict[tuple[int, bytes], Count]:
    """The states of a worker that begins with an empty directory, after all others have stopped."""
    with WorkerProcess(folder, wanted) as worker:
        until(lambda: worker.ready == partitions, worker)
        assert worker.terminate() == 0
    return in_stores(worker.data_dir, f"{wanted['prefix']}streamproc-counting", "events")
