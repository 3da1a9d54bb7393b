"""A guard stops the worker, the command that it names mends the cause, and the worker goes on rightly."""

import asyncio
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from streamproc.cli.workers import worker_settings
from streamproc.customer.codec import READS_UP_TO, encode
from streamproc.customer.state import Customer
from streamproc.events.topics import DECIDE_STATE_TOPIC, FACTS_TOPIC, LOG_TOPIC
from streamproc.measure import stage as measure
from streamproc.measure.partials import Part
from streamproc.metrics import Metrics
from streamproc.processor.api import InputRecord, PartitionContext
from streamproc.processor.partitioner import partition_of
from streamproc.runtime.exits import Exit
from streamproc.runtime.repair.perform import SituationChangedError, perform
from streamproc.runtime.repair.situation import look
from streamproc.runtime.repair.steps import States, Step, move
from streamproc.runtime.stages import make_stage
from streamproc.runtime.telemetry.observer import Silent
from tests.builders import order, view
from tests.memory_states import MemoryStates
from tests.runtime.deciding import Deciding
from tests.runtime.log_reading import commit_offset, committed_offsets, delete_topic, read_topic
from tests.runtime.worker_process import PrintingProcess, until

pytestmark = pytest.mark.kafka

CUSTOMERS = 20


def events(first: int, end: int) -> Iterator[Any]:
    """Orders and views of some customers, a minute apart."""
    for number in range(first, end):
        make = order if number % 5 == 0 else view
        yield make(minutes=number, customer_id=f"shopper-{number % CUSTOMERS}")


@pytest.fixture
def deciding(kafka: Any, tmp_path: Path) -> Deciding:
    """The stage after it has decided about 60 events and has been stopped."""
    world = Deciding(kafka.bootstrap, tmp_path)
    world.send(events(0, 60))
    work_until(world, 60)
    return world


def work_until(world: Deciding, committed: int) -> PrintingProcess:
    worker = world.worker()
    try:
        until(lambda: world.committed() >= committed and world.is_done(), worker)
        assert worker.terminate() == Exit.DONE
    finally:
        if worker.process.poll() is None:
            worker.kill()
    return worker


def refused(world: Deciding, code: Exit) -> list[str]:
    """A worker ends with this code; the words of the first command that its line names."""
    worker = world.worker()
    assert worker.wait() == code, worker.text
    assert "shopper-" not in worker.text
    (words,) = re.findall(rf"-> .*?`streamproc repair (.*?)`.*\[exit {code}\]", worker.text)
    return str(words).split()


def mend(world: Deciding, words: list[str]) -> str:
    done = world.repair(*words, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def some_partition(world: Deciding) -> int:
    return partition_of(b"c/shopper-1", world.partitions)


def behind_two(world: Deciding, partition: int) -> int:
    """The offset behind the first two records of a partition that are not committed as processed."""
    log = world.on_cluster(LOG_TOPIC)
    done = asyncio.run(committed_offsets(world.bootstrap, f"{world.prefix}streamproc-decide"))[log, partition]
    records = asyncio.run(read_topic(world.bootstrap, log))
    offsets: list[int] = sorted(r.offset for r in records if r.partition == partition and r.offset >= done)
    return offsets[1] + 1


def test_an_offset_that_went_back_is_passed_over_and_one_that_was_put_forward_is_put_back(deciding: Deciding) -> None:
    place = TopicPartition(deciding.on_cluster(LOG_TOPIC), some_partition(deciding))
    group = f"{deciding.prefix}streamproc-decide"
    asyncio.run(commit_offset(deciding.bootstrap, group, place, 0))
    deciding.send(events(60, 80))
    said = work_until(deciding, 80).text
    assert f"{place.topic}-{place.partition}: offset 0 is committed, but its states were made up to " in said
    asyncio.run(commit_offset(deciding.bootstrap, group, place, 1_000))
    words = refused(deciding, Exit.RESET)
    assert words == ["move", "decide", LOG_TOPIC, "--to", "state"]
    assert "nothing is lost and nothing is repeated" in mend(deciding, words)
    deciding.send(events(80, 120))
    work_until(deciding, 120)
    assert (deciding.states(), deciding.facts()) == deciding.oracle()


@pytest.mark.faults
def test_states_of_a_topic_that_was_made_anew_are_kept_and_go_on(deciding: Deciding) -> None:
    before = deciding.states()
    asyncio.run(delete_topic(deciding.bootstrap, deciding.on_cluster(LOG_TOPIC)))
    asyncio.run(deciding.apply_topics())
    deciding.send(events(60, 100))
    words = refused(deciding, Exit.RECREATED)
    assert words == ["accept-topic", "decide", LOG_TOPIC]
    assert "states stay" in mend(deciding, words)
    work_until(deciding, 40)
    kept: dict[int, dict[bytes, bytes]] = {}
    for key, customer in before.items():
        customer.applied_offset = -1
        kept.setdefault(partition_of(key, deciding.partitions), {})[key] = encode(customer)
    assert deciding.states() == deciding.oracle(kept).states
    assert max(customer.orders for customer in deciding.states().values()) > 3


@pytest.mark.faults
def test_a_log_that_lost_its_beginning_is_gone_on_with(deciding: Deciding) -> None:
    before, partition = deciding.states(), some_partition(deciding)
    deciding.send(events(60, 120))
    lost = behind_two(deciding, partition)

    async def lose() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=deciding.bootstrap)
        await admin.start()
        place = TopicPartition(deciding.on_cluster(LOG_TOPIC), partition)
        await admin.delete_records({place: RecordsToDelete(before_offset=lost)})
        await admin.close()

    asyncio.run(lose())
    words = refused(deciding, Exit.OFFSETS)
    assert words == ["move", "decide", LOG_TOPIC, "--to", "earliest"]
    back = deciding.repair(*words[:-1], "0", "--yes")
    assert back.returncode == 2
    assert "its states hold everything up to offset" in back.stderr or "is not in the log" in back.stderr
    plan = mend(deciding, words)
    assert len(re.findall(r"\d records are never processed, of which 0 are still there", plan)) == 1
    assert plan.count("nothing is lost and nothing is repeated") == deciding.partitions - 1
    work_until(deciding, 120)
    kept = {partition: {key: encode(state) for key, state in before.items() if is_in(deciding, key, partition)}}
    assert deciding.states() == deciding.oracle(kept).states


def is_in(world: Deciding, key: bytes, partition: int) -> bool:
    return partition_of(key, world.partitions) == partition


@pytest.mark.faults
def test_states_that_would_count_twice_are_dropped_and_made_anew(deciding: Deciding) -> None:
    put_back(deciding, some_partition(deciding))
    words = refused(deciding, Exit.APPLIED_TWICE)
    assert words == ["drop-state", "decide", LOG_TOPIC]
    assert "records are processed again" in mend(deciding, words)
    deciding.send(events(60, 100))
    work_until(deciding, 100)
    assert deciding.states() == deciding.oracle().states


def test_states_that_are_made_anew_change_no_kpi(deciding: Deciding) -> None:
    before = orders_counted(deciding)
    assert before == 12
    for _ in range(2):
        mend(deciding, ["drop-state", "decide", LOG_TOPIC])
        work_until(deciding, 60)
    assert len([fact for _, fact in deciding.facts() if b'"order"' in fact]) == 3 * before
    assert orders_counted(deciding) == before


def orders_counted(world: Deciding) -> int:
    """What measure makes of all facts that stand in the topic: how many orders."""
    source = measure.stage(world.configuration.kpi_plan, "p1").sources[0]
    codec = source.codec
    assert codec is not None
    orders = 0
    for partition in range(world.partitions):
        states: MemoryStates[Any] = MemoryStates(codec)
        adder = source.make(PartitionContext(FACTS_TOPIC, partition, "facts", states, {}))
        deque(adder.open(), 0)
        facts = [fact for number, fact in world.facts() if number == partition]
        reads = [InputRecord(FACTS_TOPIC, partition, offset, 0, None, fact) for offset, fact in enumerate(facts)]
        deque(adder.process(reads), 0)
        total = states.get(b"total")
        orders += total.sums.series.get("orders", 0) if isinstance(total, Part) else 0
    return orders


def put_back(world: Deciding, partition: int) -> None:
    """What no command does: states are kept, and both their mark and the group's offset go back to 0."""

    async def run() -> None:
        stage = make_stage("decide", world.configuration, Metrics())
        settings = replace(worker_settings(world.configuration, Silent()), check=None)
        found = await look(stage, settings, LOG_TOPIC, [partition])
        await perform([Step(found.partitions[0], 0, States.KEPT, "")], found, settings)

    asyncio.run(run())


@pytest.mark.faults
def test_states_of_a_newer_release_are_not_touched(deciding: Deciding) -> None:
    newer = bytes([READS_UP_TO + 1]) + encode(Customer("c/shopper-1", 0, 0))[1:]
    asyncio.run(deciding.write(DECIDE_STATE_TOPIC, b"c/shopper-1", newer, some_partition(deciding)))
    worker = deciding.worker()
    assert worker.wait() == Exit.NEWER_STATE, worker.text
    assert f"version {READS_UP_TO + 1}; this release reads versions up to {READS_UP_TO}" in worker.text


def test_a_plan_that_is_out_of_date_is_not_carried_out(deciding: Deciding) -> None:
    async def plan_then_work_then_perform() -> None:
        stage = make_stage("decide", deciding.configuration, Metrics())
        settings = replace(worker_settings(deciding.configuration, Silent()), check=None)
        found = await look(stage, settings, LOG_TOPIC)
        steps = move(found.partitions, "latest")
        await asyncio.to_thread(deciding.send, list(events(60, 80)))
        await asyncio.to_thread(work_until, deciding, 80)
        with pytest.raises(SituationChangedError, match="look again"):
            await perform(steps, found, settings)

    asyncio.run(plan_then_work_then_perform())
    assert deciding.is_done()


def test_nothing_is_done_while_a_worker_lives_or_without_consent(deciding: Deciding) -> None:
    asked = deciding.repair("drop-state", "decide", LOG_TOPIC)
    assert (asked.returncode, "Do this?" in asked.stdout) == (1, True)
    worker = deciding.worker()
    try:
        until(lambda: "took over" in worker.text or deciding_members(deciding) > 0, worker)
        refusal = deciding.repair("drop-state", "decide", LOG_TOPIC)
        assert (refusal.returncode, "Do this?" in refusal.stdout) == (2, False)
        assert f"is in use by process {worker.process.pid} on " in refusal.stderr
        copy = deciding.repair("drop-copy", "decide")
        assert (copy.returncode, "is in use" in copy.stderr, "Do this?" in copy.stdout) == (2, True, False)
    finally:
        worker.kill()
    assert len(deciding.states()) == CUSTOMERS
    shown = deciding.repair("show", "decide")
    assert "1 worker(s) in the group" in shown.stdout or "0 worker(s) in the group" in shown.stdout
    assert f"{deciding.on_cluster(LOG_TOPIC)}-0" in shown.stdout


def deciding_members(world: Deciding) -> int:
    from streamproc.runtime.repair.situation import members_of

    return len(asyncio.run(members_of(world.client, f"{world.prefix}streamproc-decide")))
