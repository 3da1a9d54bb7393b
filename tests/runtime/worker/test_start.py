"""What a worker says that could not even start."""

import subprocess
import sys
from pathlib import Path

import pytest

from streamproc.runtime.exits import Exit


@pytest.mark.slow
def test_a_kafka_that_answers_and_is_away_again_is_no_unexpected_error(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.runtime.worker.failing_start", str(tmp_path)]
    ended = subprocess.run(program, check=False, capture_output=True, text=True)
    assert ended.returncode == Exit.KAFKA_AWAY
    assert "node id None" in ended.stderr
