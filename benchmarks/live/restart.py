"""The benchmark `restart`: the pause that a reader of the outputs sees when one of two workers goes and comes back."""

import asyncio
import signal
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.lab import Lab
from benchmarks.live.pulse import Wanted
from benchmarks.live.watching import Watched, until, watched
from benchmarks.result import Goal, Result, Table

PARTITIONS = 4
PER_SECOND = 120
SESSION_SECONDS = 10.0
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 4.0
BEST_SECONDS = 2.0

Arrivals = dict[int, list[float]]
CASES = (
    ("stopped (SIGTERM)", signal.SIGTERM, True),
    ("stopped (SIGTERM)", signal.SIGTERM, False),
    ("killed (SIGKILL)", signal.SIGKILL, True),
    ("killed (SIGKILL)", signal.SIGKILL, False),
)


def run(lab: Lab) -> Result:
    """Each way to go, with and without a fixed name."""
    rows, pauses = [], {}
    for what, number, named in CASES:
        theirs, others, back = asyncio.run(_case(lab, number, named=named))
        pauses[number, named] = theirs
        rows.append((what, "fixed name" if named else "no name", theirs, others, back))
    planned = pauses[signal.SIGTERM, True]
    return Result(
        "restart",
        f"{PER_SECOND} events a second on {PARTITIONS} partitions, an output for each; one of two workers goes and is "
        "started again at once",
        {"session": f"{SESSION_SECONDS:.0f} s", "checkpoint": "0.2 s", "rounds": 1},
        [
            Table(
                "Longest pause between outputs, as a read_committed reader sees it",
                ("the worker is", "membership", "worst partition s", "best partition s", "back at work after s"),
                rows,
            )
        ],
        [
            Goal(
                "pause at a planned stop, with a fixed name",
                f"<= {BEST_SECONDS} s",
                f"{planned:.2f} s",
                planned <= BEST_SECONDS,
            ),
        ],
    )


async def _case(lab: Lab, number: signal.Signals, *, named: bool) -> tuple[float, float, float]:
    wanted = Wanted(lab.servers, lab.name("restart"), "", session_seconds=SESSION_SECONDS)
    await lab.create(dict.fromkeys(wanted.topics, PARTITIONS))
    each = [
        replace(wanted, folder=str(lab.folder / lab.name("state")), member_id=f"w{index}" if named else None)
        for index in range(2)
    ]
    arrivals: Arrivals = {partition: [] for partition in range(PARTITIONS)}
    with ExitStack() as stack:
        workers = [stack.enter_context(watched(lab, one)) for one in each]
        await asyncio.to_thread(until, lambda: all(_works(worker) for worker in workers), *workers)
        tasks = [asyncio.create_task(_send(lab, wanted)), asyncio.create_task(_read(lab, wanted, arrivals))]
        await asyncio.sleep(BEFORE_SECONDS)
        gone = time.time()
        await asyncio.to_thread(workers[0].stop, number)
        again = stack.enter_context(watched(lab, each[0]))
        await asyncio.to_thread(until, lambda: _works(again), again, workers[1])
        back = time.time() - gone
        await asyncio.sleep(AFTER_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    gaps = [_longest_gap(times, gone - 1) for times in arrivals.values()]
    return max(gaps), min(gaps), back


def _works(worker: Watched) -> bool:
    last = worker.said("ready")[-1:]
    return bool(last) and last[0]["ready"] == last[0]["owned"] == PARTITIONS // 2


def _longest_gap(times: list[float], since: float) -> float:
    seen = [moment for moment in times if moment >= since]
    return max((later - earlier for earlier, later in pairwise(seen)), default=float("inf"))


async def _send(lab: Lab, wanted: Wanted) -> None:
    async with AIOKafkaProducer(**lab.client, linger_ms=0) as producer:
        number = 0
        while True:
            value = orjson.dumps(time.time())
            await producer.send(wanted.topics[0], value, b"k%d" % (number % 40), partition=number % PARTITIONS)
            number += 1
            await asyncio.sleep(1 / PER_SECOND)


async def _read(lab: Lab, wanted: Wanted, arrivals: Arrivals) -> None:
    reader = AIOKafkaConsumer(
        wanted.topics[2],
        **lab.client,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
    )
    async with reader:
        while True:
            for place, records in (await reader.getmany(timeout_ms=50)).items():
                arrivals[place.partition] += [time.time()] * len(records)
