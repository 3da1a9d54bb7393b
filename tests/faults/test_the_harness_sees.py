"""With the promise broken on purpose, the same harness says so: a proof that cannot fail proves nothing."""

from pathlib import Path

import pytest

from tests.faults.fleet import StuckError
from tests.faults.run import run, single
from tests.faults.switches import Switches
from tests.kafka_broker import Kafka

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("broken", "fault"),
    [("no-fencing", "stop-past-session"), ("store-first", "kill"), ("offset-outside", "kill")],
)
def test_the_harness_sees(kafka: Kafka, broken: str, fault: str, tmp_path: Path) -> None:
    scenario = single(fault, 1, Switches(0.15, pause_guard=False, broken=broken))
    try:
        report = run(kafka, tmp_path, scenario)
    except StuckError:
        return  # A worker noticed by itself that its state and its offset do not belong together.
    assert report.verdict.differences
