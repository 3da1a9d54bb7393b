"""That Kafka is away is said once, and once that it is back."""

import logging

import pytest

from streamproc.runtime.client.presence import Presence
from streamproc.runtime.telemetry.health import Health


def test_one_line_when_it_goes_and_one_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    now, told = [100.0], list[float]()
    presence = Presence("kafka:9092", told.append, lambda: now[0])
    with caplog.at_level(logging.WARNING):
        presence.found()
        for _ in range(5):
            presence.lost(ConnectionError("refused"))
            now[0] += 10
        presence.found()
        presence.found()
    assert [record.getMessage() for record in caplog.records] == [
        "Kafka at kafka:9092 is away: refused",
        "Kafka at kafka:9092 is back after 50 s",
    ]
    assert told[1] > 0
    assert told[5:] == [40.0, 0.0, 0.0]


def test_a_worker_is_not_ready_while_kafka_is_away() -> None:
    health = Health()
    health.heartbeat()
    health.ready(4, 4)
    health.unowned([])
    assert health.at_work.is_fine
    health.kafka_away(12.0)
    assert (health.at_work.is_fine, health.at_work.reason) == (False, "Kafka is away, for 12 s")
    health.kafka_away(0.0)
    assert health.at_work.is_fine
