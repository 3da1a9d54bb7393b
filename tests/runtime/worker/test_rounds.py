"""Rounds of checkpoints, without Kafka: which topic commits before which, and who waits for whom."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streamproc.processor.api import OutputRecord
from streamproc.runtime.worker.partition import PartitionTask
from streamproc.runtime.worker_settings import Limits
from tests.runtime.worker.partitions import (
    PATIENCE_SECONDS,
    Noting,
    Partitions,
    SlowWriter,
    Writer,
    WrittenSoon,
    processed,
    record,
    until,
)

QUICK = 0.005


def in_order(tmp_path: Path, seen: list[str]) -> tuple[Partitions, list[PartitionTask]]:
    """Partitions of three topics with something to commit, the last one taken over first."""
    partitions, names = Partitions(tmp_path), ["consents", "visits", "orders"]
    tasks = [
        partitions.task(Noting(seen, name), name=name, rank=names.index(name))
        for name in ("orders", "consents", "visits")
    ]
    return partitions, [processed(task) for task in tasks]


@pytest.mark.parametrize("given_back", [False, True])
def test_what_the_stage_names_first_is_committed_first(tmp_path: Path, *, given_back: bool) -> None:
    async def committed() -> list[str]:
        seen: list[str] = []
        partitions, tasks = in_order(tmp_path, seen)
        if given_back:
            await partitions.give_back()
        else:
            async with partitions.in_rounds():
                await until(lambda: not any(task.has_work for task in tasks))
        return seen

    assert asyncio.run(committed()) == ["consents", "visits", "orders"]


def test_a_later_topic_waits_for_what_came_while_a_transaction_of_an_earlier_one_was_under_way(tmp_path: Path) -> None:
    async def told() -> tuple[list[tuple[int, int]], bool, int]:
        partitions, consents, orders = Partitions(tmp_path), SlowWriter(), Writer()
        first = processed(partitions.task(consents, name="consents"))
        second = processed(partitions.task(orders, name="orders", rank=1))
        first.checkpoint()
        await consents.began.wait()
        processed(first, 2)
        async with partitions.in_rounds():
            await asyncio.sleep(QUICK)
            waited = not orders.committed
            consents.go.set()
            await until(lambda: not second.has_work)
        return consents.committed, waited, first.committed

    assert asyncio.run(told()) == ([(1, 0), (2, 0)], True, 2)


@pytest.mark.parametrize("is_last", [False, True])
def test_a_slow_transaction_holds_back_later_topics_only(tmp_path: Path, *, is_last: bool) -> None:
    async def told() -> tuple[bool, list[tuple[int, int]]]:
        partitions, slow, later = Partitions(tmp_path, round_seconds=QUICK), SlowWriter(), Writer()
        first = partitions.task(Writer(), name="first")
        beside = partitions.task(Writer(), name="beside", rank=1)
        held_up = processed(partitions.task(slow, name="slow", rank=1))
        last = held_up if is_last else processed(partitions.task(later, name="later", rank=2))
        async with partitions.in_rounds():
            await slow.began.wait()
            for position in (1, 2, 3):
                processed(first, position)
                processed(beside, position)
                await until(lambda: first.committed == beside.committed == first.position)
            waited = not later.committed
            slow.go.set()
            await until(lambda: not last.has_work)
        return waited, slow.committed + later.committed

    assert asyncio.run(told()) == (True, [(1, 0)] if is_last else [(1, 0), (1, 0)])


def test_who_has_much_pending_waits_for_a_round_at_once_in_which_earlier_topics_come_first(tmp_path: Path) -> None:
    async def committed() -> list[str]:
        seen: list[str] = []
        partitions = Partitions(tmp_path, limits=Limits(batch_records=1, pending_records=1))
        consents = partitions.task(Noting(seen, "consents"), name="consents")
        says_one: Any = SimpleNamespace(process=lambda _: [OutputRecord("tens", b"k", b"v")])
        orders = partitions.task(Noting(seen, "orders"), says_one, name="orders", rank=1)
        async with partitions.in_rounds():
            processed(consents)
            (batch,) = orders.accept([record(0)], 1, 1)
            await orders.process(batch)
        return seen

    assert asyncio.run(committed()) == ["consents", "orders"]


def test_what_is_given_back_waits_for_a_transaction_that_is_under_way(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        partitions, slow = Partitions(tmp_path), SlowWriter()
        consents = processed(partitions.task(slow, name="consents"))
        orders = processed(partitions.task(slow, name="orders", rank=1))
        async with partitions.in_rounds():
            await slow.began.wait()
            processed(consents, 2)
            giving_back = asyncio.create_task(partitions.give_back())
            await asyncio.wait([giving_back], timeout=QUICK)
            slow.go.set()
            await giving_back
        return [*slow.committed, (orders.committed, slow.transactions)]

    assert asyncio.run(committed()) == [(1, 0), (1, 0), (2, 0), (1, 3)]


def test_what_is_given_back_is_committed_whole_although_a_round_had_settled_less(tmp_path: Path) -> None:
    async def committed() -> list[tuple[int, int]]:
        partitions, orders = Partitions(tmp_path), Writer()
        task = processed(partitions.task(orders, name="orders"))
        await task.settle()
        processed(task, 2)
        await partitions.give_back()
        return orders.committed

    assert asyncio.run(committed()) == [(1, 0), (2, 0)]


def test_of_what_is_not_committed_in_time_nothing_is_committed_later(tmp_path: Path) -> None:
    async def committed() -> tuple[list[tuple[int, int]], ...]:
        partitions, slow, beside, later = Partitions(tmp_path, revoke_seconds=0.05), SlowWriter(), Writer(), Writer()
        processed(partitions.task(slow, name="slow"))
        processed(partitions.task(beside, name="beside"))
        processed(partitions.task(later, name="later", rank=1))
        async with partitions.in_rounds():
            await slow.began.wait()
            await partitions.give_back()
        slow.go.set()
        await asyncio.sleep(QUICK)
        return slow.committed, beside.committed, later.committed

    assert asyncio.run(committed()) == ([], [(1, 0)], [])


def test_what_comes_while_a_round_is_under_way_waits_for_the_next_one_so_no_order_stands_before_its_consent(
    tmp_path: Path,
) -> None:
    async def told() -> tuple[list[tuple[int, int]], bool, list[tuple[int, int]]]:
        partitions, slow, orders = Partitions(tmp_path, round_seconds=QUICK), SlowWriter(), Writer()
        consents = processed(partitions.task(slow, name="consents"))
        later = processed(partitions.task(orders, name="orders", rank=1))
        async with partitions.in_rounds():
            await slow.began.wait()
            slow.began.clear()
            processed(consents, 2)
            processed(later, 2)
            slow.go.set()
            slow.go = asyncio.Event()
            await slow.began.wait()
            first, waited = list(orders.committed), later.has_work
            slow.go.set()
            await until(lambda: not later.has_work)
        return first, waited, orders.committed

    assert asyncio.run(told()) == ([(1, 0)], True, [(1, 0), (2, 0)])


def test_a_transaction_of_the_last_topic_that_is_under_way_has_its_partition_wait_for_the_next_round(
    tmp_path: Path,
) -> None:
    async def told() -> tuple[list[tuple[int, int]], bool, list[str]]:
        partitions, slow, seen = Partitions(tmp_path, round_seconds=QUICK), SlowWriter(), list[str]()
        orders = processed(partitions.task(slow, name="orders", rank=1))
        consents = partitions.task(Noting(seen, "consents"), name="consents")
        async with partitions.in_rounds():
            await slow.began.wait()
            processed(orders, 2)
            processed(consents)
            await until(lambda: not consents.has_work)
            first, has_waited = list(slow.committed), orders.has_work
            slow.go.set()
            await until(lambda: not orders.has_work)
        return first, has_waited, [*seen, *map(str, slow.committed)]

    assert asyncio.run(told()) == ([], True, ["consents", "(1, 0)", "(2, 0)"])


def test_rounds_end_although_one_is_wanted_at_that_moment(tmp_path: Path) -> None:
    async def is_over() -> bool:
        partitions = Partitions(tmp_path)
        async with asyncio.timeout(PATIENCE_SECONDS), partitions.in_rounds():
            await asyncio.sleep(QUICK)
            partitions.rounds.wanted.set()
            await asyncio.sleep(0)  # Now whoever waits for that has been told of it, and has not heard it yet.
        return True

    assert asyncio.run(is_over())


def test_a_later_topic_begins_once_kafka_has_the_records_of_the_one_before_and_no_round_before_those_are_committed(
    tmp_path: Path,
) -> None:
    async def told() -> tuple[int, int, int]:
        partitions, slow, orders = Partitions(tmp_path, round_seconds=QUICK), WrittenSoon(), Writer()
        processed(partitions.task(slow, name="consents"))
        later = processed(partitions.task(orders, name="orders", rank=1))
        async with partitions.in_rounds():
            await until(lambda: later.committed == 1)
            processed(later, 2)
            await asyncio.sleep(2 * QUICK)
            waited, begun = later.committed, slow.transactions
            slow.go.set()
            await until(lambda: not later.has_work)
        return begun, waited, later.committed

    assert asyncio.run(told()) == (1, 1, 2)
