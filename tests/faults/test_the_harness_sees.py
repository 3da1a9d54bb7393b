"""With the promise broken on purpose, the same harness says so: a proof that cannot fail proves nothing."""

from pathlib import Path

import pytest

from tests.faults.fleet import StuckError
from tests.faults.run import run
from tests.faults.scenario import broken
from tests.faults.switches import HOW_TO_BREAK
from tests.kafka_broker import Kafka

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.parametrize("promise", HOW_TO_BREAK)
def test_the_harness_sees(kafka: Kafka, promise: str, tmp_path: Path) -> None:
    try:
        report = run(kafka, tmp_path, broken(promise, 1))
    except StuckError:
        return  # A worker noticed by itself that its state and its offset do not belong together.
    assert report.verdict.differences
