"""`streamproc up`: four stages under one roof, one stream of lines, health pages, a clean stop in seconds."""

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from streamproc.cli.readiness import READY
from streamproc.runtime.exits import Exit
from streamproc.settings.stages import STAGES
from tests.ports import free_ports
from tests.runtime.deciding import Deciding
from tests.runtime.told_to_stop import told_until_it_is_gone
from tests.runtime.worker_process import PrintingProcess, until

pytestmark = pytest.mark.kafka


def says(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def test_all_stages_get_ready_and_stop_in_seconds(kafka: Any, tmp_path: Path) -> None:
    world, first_port = Deciding(kafka.bootstrap, tmp_path), free_ports(len(STAGES))
    own = {"STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path), "STREAMPROC_METRICS__FIRST_PORT": str(first_port)}
    up = PrintingProcess(tmp_path / "up", [sys.executable, "-m", "streamproc", "up"], world.environ | own)
    pages = [f"http://127.0.0.1:{first_port + number}" for number in range(len(STAGES))]
    try:
        until(lambda: all(says(f"{page}/readyz") == 200 for page in pages), up)
        until(lambda: READY in up.text, up)
        second = PrintingProcess(tmp_path / "second", [sys.executable, "-m", "streamproc", "up"], world.environ | own)
        assert second.wait() == Exit.CONFIGURATION
        line, _ = second.text.splitlines()
        assert line.startswith(f"{tmp_path} is in use by process {up.process.pid} on ")
        assert [says(f"{page}/healthz") for page in pages] == [200] * len(STAGES)
        began = time.monotonic()
        assert told_until_it_is_gone(up) == 0
        assert time.monotonic() - began < 15
    finally:
        if up.process.poll() is None:
            up.kill()
    assert [says(f"{page}/healthz") for page in pages] == [0] * len(STAGES)
    lines = [json.loads(line) for line in up.text.splitlines()]
    assert {line["stage"] for line in lines} == {*STAGES, "up"}
    assert [line["event"] for line in lines if line["stage"] == "up"] == [READY, "stopped"]
    assert all(line.keys() >= {"event", "level", "timestamp"} for line in lines)


@pytest.mark.faults
def test_a_stage_that_needs_somebody_ends_all_with_its_code(kafka: Any, tmp_path: Path) -> None:
    nothing_there = {"STREAMPROC_KAFKA__BOOTSTRAP": kafka.bootstrap, "STREAMPROC_KAFKA__PREFIX": "nobody-made-these."}
    own = {"STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path), "STREAMPROC_METRICS__FIRST_PORT": "0"}
    up = PrintingProcess(tmp_path / "up", [sys.executable, "-m", "streamproc", "up"], nothing_there | own)
    assert up.wait() == 80
    assert "ended with 80 3 times in a row: GIVEN UP, it needs somebody" in up.text
    assert "run `streamproc topics apply` [exit 80]" in up.text
