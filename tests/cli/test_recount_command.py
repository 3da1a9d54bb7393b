"""A KPI's definition changes: a worker says so, one command counts it anew, and the others stay as they are."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from streamproc.events.facts import Progress
from streamproc.events.position import Position
from streamproc.events.times import DAY_MS
from streamproc.events.topics import FACTS_TOPIC, KPIS_TOPIC
from tests.measure.kpi_blocks import order
from tests.runtime.deciding import ROOT, Deciding
from tests.runtime.log_reading import read_topic
from tests.runtime.worker_process import until

pytestmark = pytest.mark.kafka

KNOWN = """kind = "count"
facts = ["order"]
where = { guest = false }
"""
OF_ALL = KNOWN.replace("where = { guest = false }\n", "")


class Measuring(Deciding):
    """The stage measure on facts of a test's own."""

    stage = "measure"

    def __init__(self, bootstrap: str, folder: Path) -> None:
        super().__init__(bootstrap, folder)
        self.config = folder / "config"
        shutil.copytree(ROOT / "config", self.config)
        self.environ["STREAMPROC_CONFIG"] = str(self.config)

    def define(self, old: str, new: str) -> None:
        path = self.config / "kpis.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def tell(self, day: int, orders: int) -> None:
        """Orders in each partition, every other one a guest's, and then progress."""
        asyncio.run(self._tell(day, orders))

    async def _tell(self, day: int, orders: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for partition in range(self.partitions):
                for number in range(orders):
                    guest = bool(number % 2)
                    position = Position("log", partition, day * 1_000 + number, 0)
                    fact = order(day=day, guest=guest, first_ever=not guest) | {"type": "fact", "position": position}
                    await producer.send(self.on_cluster(FACTS_TOPIC), orjson.dumps(fact), partition=partition)
                through = orjson.dumps(Progress(partition, self.partitions, (day + 1) * DAY_MS))
                await producer.send(self.on_cluster(FACTS_TOPIC), through, partition=partition)

    def totals(self) -> dict[str, Any]:
        """KPI to its newest value over everything so far."""
        records = asyncio.run(read_topic(self.bootstrap, self.on_cluster(KPIS_TOPIC)))
        said = [orjson.loads(record.value) for record in records]
        return {kpi["kpi"]: kpi["value"] for kpi in said if kpi["window"] == "total" and not kpi["dimensions"]}

    def work_until(self, kpi: str, value: int) -> str:
        worker = self.worker()
        try:
            until(lambda: self.totals().get(kpi) == value, worker)
            assert worker.terminate() == 0
        finally:
            if worker.process.poll() is None:
                worker.kill()
        return worker.text


def test_a_definition_that_changes_is_told_and_counted_anew_by_one_command(kafka: Any, tmp_path: Path) -> None:
    world = Measuring(kafka.bootstrap, tmp_path)
    each = world.partitions
    world.tell(day=0, orders=10)
    assert "repair recount" not in world.work_until("orders", 5 * each)
    revenue = world.totals()["revenue"]

    world.define(KNOWN, OF_ALL)
    world.tell(day=1, orders=4)
    said = world.work_until("orders", 5 * each + 4 * each)
    assert "the past of these KPIs is not counted by their definition: " in said
    assert "orders" in said.split("by their definition: ")[1].split(" -> ")[0]

    shown = world.repair("recount")
    assert shown.returncode == 1
    assert "records are read once more to count orders" in shown.stdout
    done = world.repair("recount", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    world.tell(day=2, orders=0)
    assert "repair recount" not in world.work_until("orders", 14 * each)
    assert world.totals()["revenue"] == revenue * 14 // 10

    nothing = world.repair("recount", "--yes")
    assert (nothing.returncode, "every KPI was counted by its definition" in nothing.stderr) == (2, True)
    unknown = world.repair("recount", "order", "--yes")
    assert (unknown.returncode, "did you mean 'orders'?" in unknown.stderr) == (2, True)

    alone = world.repair("drop-state", "measure", FACTS_TOPIC, "--partition", "0", "--yes")
    assert (alone.returncode, "belong together" in alone.stderr) == (2, True)
    dropped = world.repair("drop-state", "measure", FACTS_TOPIC, "--yes")
    assert dropped.returncode == 0, dropped.stdout + dropped.stderr
    before = world.totals()
    world.tell(day=3, orders=2)
    world.work_until("orders", 16 * each)
    assert world.totals()["revenue"] == before["revenue"] * 16 // 14
