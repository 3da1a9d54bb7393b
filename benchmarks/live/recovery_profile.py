"""Where the time of a recovery goes: the benchmark's changelog read into empty stores, in this process, by cProfile."""

import asyncio
import cProfile
import pstats
import time
from collections.abc import Sequence
from pathlib import Path

from aiokafka import TopicPartition

from benchmarks.lab import Lab
from benchmarks.result import Table
from streamproc.runtime.client.reading import committed_consumer
from streamproc.runtime.client.topic_ids import describe
from streamproc.runtime.state.recovery import ChangelogBounds, recover
from streamproc.runtime.state.store import RocksMemory, RocksStore
from streamproc.runtime.worker_settings import Limits

PARTS = {
    "records made of batches, aiokafka's code": ("aiokafka/consumer/fetcher", "aiokafka/record", "<string>"),
    "records made of batches, ours": ("runtime/batches",),
    "RocksDB, in the reader's thread": ("builtins.Rdict", "builtins.WriteBatch", "state/store"),
    "from records to changes": ("state/recovery", "client/reading"),
    "what was fetched, from the socket": ("asyncio/", "aiokafka/", "_socket", "select.epoll", "bytearray"),
}
"""By a piece of the place that the profile names; the first that fits."""


def profile_table(lab: Lab, changelog: str, partitions: int) -> Table:
    """Own time of each part, as CPU of the thread that reads."""
    profile = cProfile.Profile(time.thread_time)
    bounds = asyncio.run(_bounds(lab, changelog, partitions))
    profile.runcall(asyncio.run, _recover(lab, bounds))
    own: dict[str, float] = {}
    for (file, _, function), (_, _, seconds, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        place = f"{Path(file).as_posix()} {function}"  # of what is built in, only the function says it
        part = next(
            (name for name, pieces in PARTS.items() if any(each in place for each in pieces)),
            "built in, for all of these",
        )
        own[part] = own.get(part, 0.0) + seconds
    rows = [(part, f"{own[part] / sum(own.values()):.0%}") for part in sorted(own, key=lambda part: -own[part])]
    return Table("Shares of a recovery's CPU by cProfile (own time)", ("part", "share"), rows)


async def _bounds(lab: Lab, changelog: str, partitions: int) -> Sequence[ChangelogBounds]:
    topic_id = (await describe(lab.client, [changelog]))[changelog].topic_id
    places = [TopicPartition(changelog, number) for number in range(partitions)]
    async with committed_consumer(lab.client) as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
    return [ChangelogBounds(place, topic_id, 0, ends[place]) for place in places]


async def _recover(lab: Lab, bounds: Sequence[ChangelogBounds]) -> None:
    limits, folder = Limits(), lab.folder / lab.name("profiled")
    memory = RocksMemory(limits.store_cache_bytes, limits.store_write_bytes)
    stores = [RocksStore(folder / str(each.partition.partition), memory) for each in bounds]
    try:
        work = (recover(store, each, lab.client, 3600.0) for store, each in zip(stores, bounds, strict=True))
        await asyncio.gather(*work)
    finally:
        for store in stores:
            store.close()
