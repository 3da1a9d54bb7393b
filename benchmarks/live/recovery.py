"""The benchmark `recovery`: states from the changelog, where its time goes, and a restart after a crash."""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.lab import Lab, Row
from benchmarks.live.pulse import Wanted
from benchmarks.live.recovery_profile import profile_table
from benchmarks.live.watching import watched
from benchmarks.result import Goal, Result, Table, spread
from streamproc.runtime.client.topic_ids import describe
from streamproc.runtime.state.source_position import POSITION_KEY, SourcePosition

CUSTOMERS = 200_000
VALUE_BYTES = 2_000
PARTITIONS = 4
ROUNDS = 3
GOAL_PER_SECOND = 50_000


def run(lab: Lab) -> Result:
    """From nothing, from an up-to-date copy, after kill -9."""
    wanted = Wanted(lab.servers, lab.name("recovery"), str(lab.folder / lab.name("copy")), member_id="one")
    asyncio.run(_prepare(lab, wanted))
    rates, rows = [], []
    for number in range(ROUNDS):
        empty = replace(wanted, folder=str(lab.folder / lab.name("copy")))
        with watched(lab, empty) as worker:
            ready = worker.wait_ready(PARTITIONS)
            seconds = max(line["seconds"] for line in worker.said("recovered"))
            records = sum(line["records"] for line in worker.said("recovered"))
            rates.append(records / seconds)
            worker.stop()
        rows.append((f"empty directory, round {number + 1}", records, seconds, ready))
    with watched(lab, empty) as worker:
        rows.append(_row("up-to-date copy, after SIGTERM", worker.wait_ready(PARTITIONS), worker.said("recovered")))
        worker.stop(signal.SIGKILL)
    with watched(lab, empty) as worker:
        after_kill = worker.wait_ready(PARTITIONS)
        rows.append(_row("up-to-date copy, after kill -9, under its own name", after_kill, worker.said("recovered")))
        worker.stop()
    rate = sorted(rates)[len(rates) // 2]
    return Result(
        "recovery",
        f"A worker that takes over {PARTITIONS} partitions with {CUSTOMERS:,} customers of {VALUE_BYTES:,} bytes",
        {"rounds from nothing": ROUNDS, "session": "20 s", "keys/s": spread(rates)},
        [
            Table("Take-over", ("case", "records read", "longest recovery s", "start of the process to ready s"), rows),
            profile_table(lab, wanted.topics[1], PARTITIONS),
        ],
        [Goal("keys/s from the changelog", f">= {GOAL_PER_SECOND:,}", f"{rate:,.0f}", rate >= GOAL_PER_SECOND)],
        ["the start of a process holds about 1 to 3 s of Python, Faust and the join of the group"],
    )


def _row(case: str, ready: float, recovered: list[dict[str, float]]) -> tuple[str, int, float, float]:
    records = int(sum(line["records"] for line in recovered))
    return case, records, max(line["seconds"] for line in recovered), ready


async def _prepare(lab: Lab, wanted: Wanted) -> None:
    """The changelog as a worker would have left it, and offsets that fit it."""
    await lab.create(dict.fromkeys(wanted.topics, PARTITIONS))
    source = wanted.topics[0]
    topic_id = (await describe(lab.client, [source]))[source].topic_id
    await lab.fill(wanted.topics[1], _states(topic_id))
    places = [TopicPartition(wanted.name, partition) for partition in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(**lab.client, group_id=wanted.group, enable_auto_commit=False)
    async with consumer:
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, 0))


def _states(topic_id: str) -> Iterator[Row]:
    for partition in range(PARTITIONS):
        yield partition, POSITION_KEY, SourcePosition(topic_id, 0).encode()
    dice = Random(6)
    for number in range(CUSTOMERS):
        text = dice.randbytes(VALUE_BYTES // 2 - 1).hex().encode()
        yield number % PARTITIONS, b"c%09d" % number, b'"%b"' % text
