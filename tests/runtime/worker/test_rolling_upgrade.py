"""An upgrade of one worker after the other, and the way back, while events flow: all exact, nothing lost."""

import asyncio
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import orjson
import pytest

from streamproc.customer.codec import VERSION
from streamproc.events.topics import DECIDE_STATE_TOPIC, LOG_TOPIC
from streamproc.runtime.exits import Exit
from tests.builders import order, view
from tests.runtime.deciding import Deciding
from tests.runtime.log_reading import read_topic
from tests.runtime.worker.newer_release import APPLIED_BY
from tests.runtime.worker_process import PrintingProcess, until

pytestmark = pytest.mark.kafka

NEWER = [sys.executable, str(Path(__file__).with_name("newer_release.py"))]
CUSTOMERS = 40
PER_SECOND = 200


class Flow:
    """Views and some orders, a minute apart, sent in the background until it is told to stop."""

    def __init__(self, world: Deciding) -> None:
        self.sent = 0
        self._world = world
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _events(self, count: int) -> Iterator[Any]:
        for number in range(self.sent, self.sent + count):
            customer = f"shopper-{number * 7 % CUSTOMERS}"
            if number % 9 == 0:
                yield order(minutes=number, customer_id=customer)
            yield view(minutes=number, customer_id=customer)

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            self._world.send(list(self._events(PER_SECOND // 2)))
            self.sent += PER_SECOND // 2
            self._stop.wait(max(0.0, 0.5 - (time.monotonic() - began)))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


class Roll:
    """Two workers, of which one is replaced at a time."""

    def __init__(self, world: Deciding) -> None:
        self._world = world
        self.workers = {name: world.worker(name) for name in ("one", "two")}

    def start(self) -> None:
        """Wait until both are at work."""
        for worker in self.workers.values():
            self._until_at_work(worker)
        self.until_committed(PER_SECOND)

    def replace(self, name: str, command: Sequence[str] = ()) -> None:
        """Stop a worker and start it as another release, and wait until it has processed something of its own."""
        assert self.workers[name].terminate() == Exit.DONE, self.workers[name].text
        self.workers[name] = self._world.worker(name, command)
        self._until_at_work(self.workers[name])
        self.until_committed(self._world.committed() + PER_SECOND)

    def until_committed(self, count: int) -> None:
        until(lambda: self._world.committed() >= count, *self.workers.values())

    def _until_at_work(self, worker: PrintingProcess) -> None:
        until(lambda: worker.text.count("took over") > 0, worker)

    def stop(self) -> None:
        for worker in self.workers.values():
            assert worker.terminate() == Exit.DONE, worker.text


def without_name(fact: bytes) -> tuple[bytes, str | None]:
    """A fact as the older release tells it, and the customer that the newer one named."""
    message = orjson.loads(fact)
    named = message["values"].pop(APPLIED_BY, None)
    return orjson.dumps(message), named


def log_length(world: Deciding) -> int:
    return len(asyncio.run(read_topic(world.bootstrap, world.on_cluster(LOG_TOPIC))))


def versions(world: Deciding) -> set[int]:
    """The versions of the customers' states in the changelog."""
    records = asyncio.run(read_topic(world.bootstrap, world.on_cluster(DECIDE_STATE_TOPIC)))
    return {record.value[0] for record in records if record.key.startswith(b"c/shopper-")}


def test_a_rolling_upgrade_and_the_way_back_are_exact(kafka: Any, tmp_path: Path) -> None:
    world = Deciding(kafka.bootstrap, tmp_path)
    roll = Roll(world)
    try:
        with Flow(world):
            roll.start()
            roll.replace("one", NEWER)
            roll.replace("two", NEWER)
            assert versions(world) == {VERSION, VERSION + 1}
            roll.replace("one")
            roll.replace("two")
        roll.until_committed(log_length(world))
        roll.stop()
    finally:
        for worker in roll.workers.values():
            if worker.process.poll() is None:
                worker.kill()
    expected = world.oracle()
    told = [(partition, *without_name(fact)) for partition, fact in world.facts()]
    assert [(partition, fact) for partition, fact, _ in told] == expected.facts
    views = Counter(name for _, fact, name in told if orjson.loads(fact)["fact"] == "page_view")
    orders = Counter(name for _, fact, name in told if orjson.loads(fact)["fact"] == "order")
    states = world.states()
    counted = {key.decode(): state.later[0] for key, state in states.items() if state.later}
    assert counted == {name: count for name, count in (views + orders).items() if name is not None}
    assert len(counted) > CUSTOMERS // 2
    for state in states.values():
        state.later = ()
    assert states == expected.states
