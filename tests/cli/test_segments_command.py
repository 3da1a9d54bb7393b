"""`streamproc segments preview`, and that a segment which is deployed then holds just these, on a real Kafka."""

import asyncio
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from streamproc.cli import main
from streamproc.decide.states import CODEC
from streamproc.events.log import CONTROL_KEY, TWICE, Complete, encode_record
from streamproc.events.topics import DECIDE_STATE_TOPIC, LOG_TOPIC, SEGMENTS_TOPIC
from streamproc.offline.replay.states import write_states
from streamproc.runtime.exits import Exit
from tests.builders import NOON_MS, Shop, order, plan, tagged
from tests.runtime.deciding import ROOT, SCRIPT, Deciding
from tests.runtime.log_reading import read_topic
from tests.runtime.worker_process import until

NEW = '\n[[segment]]\nname = "everybody"\nwhere = [{ feature = "orders_total", at_least = 1 }]\n'
CUSTOMERS = 400


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The configuration with one segment more."""
    folder = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    with (folder / "segments.toml").open("a") as file:
        file.write(NEW)
    return folder


@pytest.fixture
def states(tmp_path: Path) -> Path:
    """Those of two customers, of whom one has a tag, as a replay leaves them."""
    shop = Shop(plan())
    shop.sees(order(), tagged("told", customer_id="bob"))
    known = [(DECIDE_STATE_TOPIC, 0, key.encode(), CODEC.encode(state)) for key, state in shop.customers.items()]
    write_states(tmp_path / "state.jsonl", known)
    return tmp_path / "state.jsonl"


def preview(config: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["--config", str(config), "segments", "preview", *arguments])


def test_it_shows_all_from_the_states_of_a_replay(changed: Path, states: Path) -> None:
    told = orjson.loads(preview(changed, "--state", str(states), "--json").output)
    groups = {each["name"]: (each["members"], each["entering"], each["examples"]) for each in told["groups"]}
    assert told["customers"] == 2
    assert groups["everybody"] == (1, 1, ["c/ada"])
    assert groups["told"] == (1, 0, ["c/bob"])


def test_it_shows_one_as_a_table(changed: Path, states: Path) -> None:
    shown = preview(changed, "everybody", "--state", str(states)).output
    assert shown.splitlines()[1].split() == ["segment", "everybody", "1", "50.0%", "1", "0", "c/ada"]
    assert "loyal" not in shown


def test_one_that_is_not_there_is_told_with_those_that_are(changed: Path, states: Path) -> None:
    refused = preview(changed, "everbody", "--state", str(states))
    assert refused.exit_code == 2
    assert "no tag or segment 'everbody'; did you mean 'everybody'?" in refused.output


def test_it_shows_all_from_a_dump(changed: Path, tmp_path: Path) -> None:
    event = order(customer_id="ada").model_dump(mode="json", exclude_none=True)
    line = {"topic": "shop.purchase.v1", "key": "ada", "timestamp": NOON_MS, "value": event}
    (tmp_path / "dump.jsonl").write_bytes(orjson.dumps(line))
    told = orjson.loads(preview(changed, "everybody", "--log", str(tmp_path / "dump.jsonl"), "--json").output)
    assert [(each["members"], each["examples"]) for each in told["groups"]] == [(1, ["c/ada"])]


def mark(world: Deciding, minute: int) -> None:
    """Event time has come to here, in all partitions."""
    at_ms = NOON_MS + minute * 60_000
    value = encode_record(Complete(hops=TWICE, through_ms=at_ms), at_ms, at_ms)
    for partition in range(world.partitions):
        asyncio.run(world.write(LOG_TOPIC, CONTROL_KEY, value, partition))


def entered(world: Deciding) -> Counter[bytes]:
    """How often each customer was told to have entered the new segment."""
    records = asyncio.run(read_topic(world.bootstrap, world.on_cluster(SEGMENTS_TOPIC)))
    told = [(record.key, orjson.loads(record.value)) for record in records]
    return Counter(key for key, value in told if (value["segment"], value["change"]) == ("everybody", "entered"))


def marking(world: Deciding, is_so: Callable[[], bool]) -> Callable[[], bool]:
    """Whether it is so, after one more mark."""
    minutes = iter(range(1_000, 10_000))

    def marked() -> bool:
        mark(world, next(minutes))
        return is_so()

    return marked


@pytest.mark.kafka
def test_all_who_are_known_enter_a_new_segment_once_though_the_worker_is_killed(
    kafka: Any, tmp_path: Path, changed: Path
) -> None:
    world = Deciding(kafka.bootstrap, tmp_path)
    world.send(order(customer_id=f"shopper-{number}") for number in range(CUSTOMERS))
    with world.worker() as worker:
        until(lambda: world.committed() >= CUSTOMERS and world.is_done(), worker)
        assert worker.terminate() == Exit.DONE
    command = [*SCRIPT, "--config", str(changed), "segments", "preview", "everybody", "--json"]
    told = subprocess.run(
        command, env=world.environ | {"PATH": "/usr/bin:/bin"}, cwd=ROOT, capture_output=True, check=True
    )
    assert [each["entering"] for each in orjson.loads(told.stdout)["groups"]] == [CUSTOMERS]
    assert entered(world) == {}

    with world.worker(STREAMPROC_CONFIG=str(changed)) as worker:
        until(marking(world, lambda: bool(entered(world))), worker)
        worker.kill()
    with world.worker(STREAMPROC_CONFIG=str(changed)) as worker:
        until(marking(world, lambda: len(entered(world)) == CUSTOMERS and world.is_done()), worker)
        assert worker.terminate() == Exit.DONE
    assert set(entered(world).values()) == {1}
    assert {customer.segments.keys() >= {"everybody"} for customer in world.states().values()} == {True}
