"""Three brokers, three replicas, writes that two must have: one is killed, the leaders move, all stays exact."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kafka_cluster import KafkaCluster, cluster_for_tests
from tests.runtime.group import EVENTS, Group
from tests.runtime.worker_process import until

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    with cluster_for_tests() as running:
        yield running


def test_brokers_are_killed_in_turn_and_the_leaders_move(cluster: KafkaCluster, tmp_path: Path) -> None:
    group = Group(cluster.bootstrap, tmp_path, session_seconds=20.0)
    topic = f"{group.prefix}events"
    with group.sending() as thread:
        for share in (8, 4):
            until(lambda share=share: group.has_committed(EVENTS // share), *group.workers)  # type: ignore[misc]
            lost = cluster.leader(topic)
            cluster.kill(lost)
            until(lambda lost=lost: cluster.leader(topic) not in (-1, lost), *group.workers)  # type: ignore[misc]
            cluster.start(lost)
        thread.join()


def test_48_partitions_on_one_worker_are_exact_when_it_is_killed(kafka: Any, tmp_path: Path) -> None:
    group = Group(kafka.bootstrap, tmp_path, workers=1, partitions=48)
    with group.sending() as thread:
        for share in (8, 3):
            until(lambda share=share: group.has_committed(EVENTS // share), *group.workers)  # type: ignore[misc]
            group.workers[0].kill()
            group.revive()
        thread.join()
