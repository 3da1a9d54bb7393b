"""A real Prometheus with the shipped rules watches the real four stages: each fault raises its alert and clears it.

One thing is changed in the rules: the window of the crash loop is 4 minutes, not 15, for the test waits for its end.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka
from streamproc.events.topics import LOG_TOPIC
from streamproc.settings.stages import STAGES
from tests.ports import free_ports
from tests.runtime.deciding import Deciding
from tests.runtime.worker_process import PrintingProcess
from tests.system.test_up import says

GRAFANA = Path(__file__).parents[2] / "grafana"
PATIENCE_SECONDS = 420.0
pytestmark = [
    pytest.mark.faults,
    pytest.mark.kafka,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed (Debian: prometheus)"),
]

Alert = tuple[str, str]
"""Its name without "Streamproc", and the stage."""


def wait_for(condition: Callable[[], bool], what: str) -> float:
    """Wait, and return how many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE_SECONDS, what
        time.sleep(1)
    seconds = time.monotonic() - began
    print(f"{what}: {seconds:.0f} s", flush=True)
    return seconds


class Prometheus:
    """The shipped configuration and rules, with this test's ports."""

    def __init__(self, folder: Path, port: int, first_port: int) -> None:
        shutil.copytree(GRAFANA, folder)
        config, rules = folder / "prometheus-local.yml", folder / "rules" / "streamproc.yaml"
        text = config.read_text()
        for number in range(len(STAGES)):
            text = text.replace(f"127.0.0.1:{9464 + number}", f"127.0.0.1:{first_port + number}")
        config.write_text(text)
        rules.write_text(re.sub(r"(started_timestamp_seconds|restarts_total)\[15m\]", r"\1[4m]", rules.read_text()))
        self.url = f"http://127.0.0.1:{port}"
        self.process = PrintingProcess(
            folder / "run",
            [
                "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}", f"--web.external-url={self.url}",
                f"--web.console.templates={folder / 'consoles'}",
            ],
        )  # fmt: skip

    def firing(self) -> dict[Alert, str]:
        """What is raised now, and the address of its runbook."""
        with urllib.request.urlopen(f"{self.url}/api/v1/alerts", timeout=10) as answer:
            alerts = json.load(answer)["data"]["alerts"]
        return {
            (a["labels"]["alertname"].removeprefix("Streamproc"), a["labels"].get("stage", "")): a["annotations"][
                "runbook_url"
            ]
            for a in alerts
            if a["state"] == "firing"
        }

    def raises(self, *wanted: Alert) -> None:
        for alert in wanted:
            wait_for(lambda alert=alert: alert in self.firing(), f"{alert} is raised")  # type: ignore[misc]

    def clears(self, *wanted: Alert) -> None:
        for alert in wanted:
            wait_for(lambda alert=alert: alert not in self.firing(), f"{alert} is cleared")  # type: ignore[misc]


def worker_of(up: PrintingProcess, stage: str) -> int | None:
    """The process id of a stage's worker, if it lives."""
    for pid in Path(f"/proc/{up.process.pid}/task/{up.process.pid}/children").read_text().split():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        except OSError:
            continue
        if "worker" in words and stage in words:
            return int(pid)
    return None


def kill_three_times(up: PrintingProcess, stage: str, page: str) -> None:
    for _ in range(4):
        wait_for(lambda: says(f"{page}/healthz") != 0, f"{stage} answers")
        pid = worker_of(up, stage)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda pid=pid: worker_of(up, stage) not in (None, pid), f"{stage} is started again")  # type: ignore[misc]


async def take_partitions(world: Deciding, stage: str, topic: str, done: Callable[[], bool]) -> None:
    """Be a member of the stage's group that is no worker: what it is given, nobody works on."""
    group = f"{world.prefix}streamproc-{stage}"
    admin = AIOKafkaAdminClient(**world.client)
    await admin.start()
    (described,) = (await admin.describe_consumer_groups([group]))[0].groups
    await admin.close()

    class Speaks(RoundRobinPartitionAssignor):  # type: ignore[misc]  # aiokafka is untyped
        """What the group speaks."""

        name = described[4]

    consumer = AIOKafkaConsumer(
        world.prefix + topic, **world.client, group_id=group, enable_auto_commit=False,
        partition_assignment_strategy=[Speaks],
    )  # fmt: skip
    async with consumer:
        while not done():
            await consumer.getmany(timeout_ms=500)


@contextmanager
def ending(*processes: PrintingProcess) -> Iterator[None]:
    try:
        yield
    finally:
        for each in processes:
            each.process.send_signal(signal.SIGCONT)
            each.process.terminate()
        for each in processes:
            try:
                each.wait()
            except subprocess.TimeoutExpired:
                each.kill()


def test_each_fault_raises_its_alert_and_clears_it(tmp_path: Path) -> None:
    broker = EmbeddedKafka(BrokerSettings(tmp_path / "kafka"))
    with broker:
        world, first_port = Deciding(broker.bootstrap, tmp_path), free_ports(len(STAGES) + 1)
        own = {
            "STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path / "data"),
            "STREAMPROC_METRICS__FIRST_PORT": str(first_port),
        }
        up = PrintingProcess(tmp_path / "up", [sys.executable, "-m", "streamproc", "up"], world.environ | own)
        prometheus = Prometheus(tmp_path / "grafana", first_port + len(STAGES), first_port)
        pages = {stage: f"http://127.0.0.1:{first_port + number}" for number, stage in enumerate(STAGES)}
        with ending(up, prometheus.process):
            wait_for(lambda: all(says(f"{page}/readyz") == 200 for page in pages.values()), "all stages are at work")
            wait_for(lambda: says(f"{prometheus.url}/-/ready") == 200, "Prometheus is there")
            nobody_owns(world, prometheus)
            crash_loop_frozen_and_dead(up, prometheus, pages)
            kafka_is_gone(broker, prometheus)
            wait_for(lambda: not prometheus.firing(), "no alert is left")


def nobody_owns(world: Deciding, prometheus: Prometheus) -> None:
    ownerless = ("PartitionsWithoutOwner", "decide")
    began = time.monotonic()
    asyncio.run(
        take_partitions(
            world, "decide", LOG_TOPIC,
            lambda: ownerless in prometheus.firing() or time.monotonic() - began > PATIENCE_SECONDS,
        )
    )  # fmt: skip
    print(f"{ownerless} is raised: {time.monotonic() - began:.0f} s", flush=True)
    assert ownerless in prometheus.firing()
    prometheus.clears(ownerless)


def crash_loop_frozen_and_dead(up: PrintingProcess, prometheus: Prometheus, pages: dict[str, str]) -> None:
    kill_three_times(up, "learn", pages["learn"])
    prometheus.raises(("CrashLoop", "learn"))
    decide, measure = worker_of(up, "decide"), worker_of(up, "measure")
    assert decide is not None
    assert measure is not None
    up.process.send_signal(signal.SIGSTOP)  # or it would start the dead one again
    os.kill(decide, signal.SIGSTOP)
    os.kill(measure, signal.SIGKILL)
    prometheus.raises(("StageDown", "decide"), ("StageDown", "measure"))
    address = prometheus.firing()["StageDown", "decide"]
    assert 'id="stage-down"' in urllib.request.urlopen(address, timeout=10).read().decode()
    up.process.send_signal(signal.SIGCONT)
    os.kill(decide, signal.SIGCONT)
    prometheus.clears(("StageDown", "decide"), ("StageDown", "measure"), ("CrashLoop", "learn"))


def kafka_is_gone(broker: EmbeddedKafka, prometheus: Prometheus) -> None:
    broker.kill()
    prometheus.raises(*(("KafkaAway", stage) for stage in STAGES))
    broker.restart()
    prometheus.clears(*(("KafkaAway", stage) for stage in STAGES))
