"""Bringing the local copy of a changelog partition up to its end.

Against stale state: it runs after the fence, so nobody can write the changelog any more and its end is final; only
committed records are read; a copy that cannot be continued is rebuilt from the beginning.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from streamproc.runtime.batches.consumer import CarefulConsumer
from streamproc.runtime.client.reading import readable
from streamproc.runtime.refusal import ChangelogCutError
from streamproc.runtime.state.store import CopyPosition, StateStore

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 5.0
FETCH_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class ChangelogBounds:
    """A changelog partition with its topic's id and its first and next offsets."""

    partition: TopicPartition
    topic_id: str
    begin: int
    end: int


async def recover(
    store: StateStore, changelog: ChangelogBounds, client: Mapping[str, Any], stale_copy_seconds: float
) -> int:
    """Read what the copy lacks; returns how many records that were."""
    start = _continue_from(store, changelog, stale_copy_seconds)
    if start >= changelog.end:
        return 0
    reader = CarefulConsumer(
        **client,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_bytes=4 * FETCH_BYTES,
    )
    await reader.start()
    try:
        return await _replay(reader, store, changelog, start)
    finally:
        await reader.stop()


def _continue_from(store: StateStore, changelog: ChangelogBounds, stale_copy_seconds: float) -> int:
    """Where to read on; the copy is wiped if it is of another log, from another time, or has a hole before the log."""
    copy = store.position()
    if copy is not None and copy.topic_id == changelog.topic_id:
        if copy.offset > changelog.end:
            name = f"{changelog.partition.topic}-{changelog.partition.partition}"
            raise ChangelogCutError(f"{name} ends at {changelog.end}, but {copy.offset} was committed to it")
        is_stale = copy.offset < changelog.end and time.time() - copy.written_at > stale_copy_seconds
        if copy.offset >= changelog.begin and not is_stale:
            return copy.offset
    store.wipe()
    return changelog.begin


async def _replay(reader: CarefulConsumer, store: StateStore, changelog: ChangelogBounds, start: int) -> int:
    partition, position, count, told_at = changelog.partition, start, 0, time.monotonic()
    reader.assign([partition])
    reader.seek(partition, start)
    while position < changelog.end:
        batch = (await reader.getmany(partition, timeout_ms=100, max_records=5000)).get(partition, ())
        position = await reader.position(partition)
        changes = [(record.key, record.value) for record in readable(batch)]
        store.write(changes, CopyPosition(changelog.topic_id, position, time.time()))
        count += len(batch)
        if time.monotonic() - told_at > PROGRESS_SECONDS:
            told_at = time.monotonic()
            done = (position - start) / (changelog.end - start)
            log.info("recovering %s-%s: %.0f %%", partition.topic, partition.partition, 100 * done)
    return count
