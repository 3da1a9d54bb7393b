"""Whoever stops something waits longer than it may take."""

from itertools import pairwise
from pathlib import Path

from streamproc.broker.process import STOP_SECONDS as BROKER_SECONDS
from streamproc.runtime.deadlines import (
    CONNECTION_SECONDS,
    LAST_WORDS_SECONDS,
    PARENT_SECONDS,
    RELEASE_SECONDS,
    SUPERVISOR_SECONDS,
    WORKER_SECONDS,
)
from streamproc.runtime.worker_settings import Timeouts
from streamproc.settings.stages import STAGES

FROM_THE_INSIDE_OUT = (CONNECTION_SECONDS, RELEASE_SECONDS, WORKER_SECONDS, SUPERVISOR_SECONDS, PARENT_SECONDS)
OPERATIONS = " ".join((Path(__file__).parents[2] / "docs" / "operations.md").read_text().split())


def test_each_one_waits_longer_than_those_inside_it() -> None:
    assert all(inside < outside for inside, outside in pairwise(FROM_THE_INSIDE_OUT))


def test_a_worker_has_the_time_to_give_its_partitions_back_and_to_say_why_it_ends() -> None:
    assert Timeouts().revoke_seconds == RELEASE_SECONDS
    assert RELEASE_SECONDS + CONNECTION_SECONDS + LAST_WORDS_SECONDS < WORKER_SECONDS
    assert WORKER_SECONDS + LAST_WORDS_SECONDS < SUPERVISOR_SECONDS


def test_operations_says_how_long_to_wait_for_a_worker_and_for_up_with_its_kafka() -> None:
    enough = 40
    assert SUPERVISOR_SECONDS + len(STAGES) * LAST_WORDS_SECONDS + BROKER_SECONDS < enough
    assert f"a worker ends within {WORKER_SECONDS:.0f} s even while Kafka is away" in OPERATIONS
    assert f"its workers {SUPERVISOR_SECONDS:.0f} s and then the embedded Kafka {BROKER_SECONDS} s" in OPERATIONS
    assert f"{enough} s are enough for both" in OPERATIONS
