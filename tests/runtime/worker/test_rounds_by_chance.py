"""Rounds of checkpoints as chance will have them: whoever's turn it is, nothing overtakes what came before it."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamproc.runtime.worker import rounds
from tests.runtime.worker.partitions import Partitions, Writer, processed, until


class Chance(Writer):
    """Its transactions take so many turns of the event loop as chance will have it; it says when one begins."""

    def __init__(self, chance: random.Random, began: Callable[[int], None]) -> None:
        super().__init__()
        self.written_to = 0
        self._chance, self._began = chance, began

    async def commit(
        self, records: Mapping[Any, Sequence[Any]], offset: int, group: str, written: Callable[[], None]
    ) -> dict[Any, int]:
        self._began(offset)
        await self._turns()
        self.written_to = offset
        written()
        await self._turns()
        return await super().commit(records, offset, group, written)

    async def _turns(self) -> None:
        for _ in range(self._chance.choice((0, 1, 40))):
            await asyncio.sleep(0)


class Shop:
    """Six partitions of three topics, to which something comes now and then; who overtakes whom is noted."""

    def __init__(self, tmp_path: Path, chance: random.Random) -> None:
        self.partitions = Partitions(tmp_path, round_seconds=0.0005)
        self.overtaken: list[tuple[int, int, int]] = []
        self._writers = [Chance(chance, partial(self._began, which)) for which in range(6)]
        self.tasks = [
            self.partitions.task(writer, name=f"topic{which}", rank=which // 2)
            for which, writer in enumerate(self._writers)
        ]
        self._came: list[tuple[int, int]] = []
        self._chance = chance

    def _began(self, which: int, offset: int) -> None:
        for other, position in self._came[: self._came.index((which, offset))]:
            if other // 2 < which // 2 and position > self._writers[other].written_to:
                self.overtaken.append((which, offset, other))

    async def live(self, arrivals: int) -> None:
        """Each task's slices wait for their turn beside those of the others."""
        await asyncio.gather(*(self._arrive(which, arrivals) for which in range(6)))

    async def _arrive(self, which: int, arrivals: int) -> None:
        for _ in range(arrivals):
            for _ in range(self._chance.randrange(12)):
                await asyncio.sleep(0)
            await self.partitions.turns.once(partial(self._process, which))

    def _process(self, which: int) -> None:
        task = processed(self.tasks[which], self.tasks[which].position + 1)
        self._came.append((which, task.position))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32), arrivals=st.integers(1, 40), is_given_back=st.booleans())
def test_what_came_first_is_committed_first_if_its_topic_is_named_first(
    tmp_path: Path, seed: int, arrivals: int, *, is_given_back: bool
) -> None:
    """However arrivals, rounds and transactions fall upon each other, as long as none is so slow that nobody waits."""

    async def lived() -> Shop:
        shop = Shop(tmp_path, random.Random(seed))
        async with shop.partitions.in_rounds():
            await shop.live(arrivals)
            if is_given_back:
                await shop.partitions.give_back()
            else:
                await until(lambda: not any(task.has_work for task in shop.tasks))
        return shop

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rounds, "SLOW", 1e6)
        shop = asyncio.run(lived())
    assert [(task.committed, task.position) for task in shop.tasks] == [(arrivals, arrivals)] * 6
    assert not shop.overtaken
