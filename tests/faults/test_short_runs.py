"""Two short fault runs: after a kill, a restart, a lost disk or refused records, everything is there once."""

from pathlib import Path

import pytest

from tests.faults.run import run
from tests.faults.scenario import short
from tests.kafka_broker import Kafka


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 5])
def test_everything_is_there_once_after_a_fault(kafka: Kafka, seed: int, tmp_path: Path) -> None:
    report = run(kafka, tmp_path, short(seed))
    assert report.verdict.differences == []
    assert report.verdict.counts["triggers"]
    assert report.verdict.counts["kpis"]
