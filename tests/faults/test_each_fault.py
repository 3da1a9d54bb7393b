"""Each fault alone, and a few mixed: everything is there once. `make test-faults SEED=n` runs one mixed seed."""

from pathlib import Path

import pytest

from tests.faults.faults import FAULTS
from tests.faults.run import run
from tests.faults.scenario import Scenario, mixed, single
from tests.kafka_broker import Kafka

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

SCENARIOS = [*(single(fault, 1) for fault in FAULTS), *map(mixed, range(1, 4))]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_everything_is_there_once(kafka: Kafka, scenario: Scenario, tmp_path: Path) -> None:
    report = run(kafka, tmp_path, scenario)
    assert report.verdict.differences == [], f"again: {scenario.again}"
    if scenario.idle == "hold":  # by the clock, the past that is sent is late, and few questions are asked
        assert report.verdict.counts["releases"]
