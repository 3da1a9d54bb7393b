"""What a worker tells of itself outlives its process where it must, and ends with its partition where it must."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from streamproc.metrics import Metrics
from streamproc.runtime.supervise.past import show_past, told_to_worker
from streamproc.runtime.telemetry.stages import MeteredDecide
from streamproc.runtime.telemetry.worker import MetricsObserver
from streamproc.runtime.worker.backlog import Backlog

TOPIC = "shop.customer-events.v1"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def run(*times_ms: int) -> Any:
    return SimpleNamespace(records=[SimpleNamespace(timestamp=each) for each in times_ms], size=10 * len(times_ms))


def test_the_oldest_record_that_waits_says_how_late_a_partition_is() -> None:
    backlog, first, second = Backlog(), run(1_000, 2_000), run(3_000)
    backlog.add(first)
    backlog.add(second)
    assert backlog.age_seconds(0, now_ms=11_000) == 10
    backlog.done(first)
    assert backlog.age_seconds(0, now_ms=11_000) == 8
    backlog.done(second)
    assert (backlog.records, backlog.bytes) == (0, 0)
    assert backlog.age_seconds(7, now_ms=11_000) == 8  # what was not fetched came after what was processed
    assert backlog.age_seconds(0, now_ms=11_000) == 0
    assert backlog.age_seconds(7, now_ms=12_500) == 1.5  # and after there was none


def test_a_worker_shows_how_often_its_stage_was_started_again_and_with_what_it_ended(metrics: Metrics) -> None:
    show_past(metrics.process, "decide", "plan-1", told_to_worker(3, 71))
    assert value(metrics, "streamproc_restarts_total", stage="decide") == 3
    assert value(metrics, "streamproc_last_exit_code", stage="decide") == 71
    assert value(metrics, "streamproc_plan_info", stage="decide", version="plan-1") == 1
    assert value(metrics, "process_start_time_seconds")


def test_without_a_supervisor_nothing_is_said_of_the_past(metrics: Metrics) -> None:
    show_past(metrics.process, "decide", "plan-1", {})
    assert value(metrics, "streamproc_restarts_total", stage="decide") is None
    assert value(metrics, "streamproc_last_exit_code", stage="decide") is None


def test_of_a_partition_that_was_given_back_nothing_is_left_standing(metrics: Metrics) -> None:
    observer, watch = MetricsObserver("decide", metrics), MeteredDecide(metrics, ())
    observer.lag(TOPIC, 0, 5, 2.5)
    watch.moved(0, 1_000)
    assert value(metrics, "streamproc_lag_seconds", stage="decide", topic=TOPIC, partition="0") == 2.5
    observer.gave_back(TOPIC, 0)
    observer.gave_back(TOPIC, 1)
    for name in ("streamproc_lag_seconds", "streamproc_lag_records"):
        assert value(metrics, name, stage="decide", topic=TOPIC, partition="0") is None
    assert value(metrics, "streamproc_watermark_timestamp_seconds", stage="decide", partition="0") is None


def test_events_count_as_decided_when_they_are_committed_and_history_never(metrics: Metrics) -> None:
    watch, now_ms = MeteredDecide(metrics, ()), time.time_ns() // 1_000_000
    watch.applied(0, [now_ms, now_ms - 60_000, 1_291_190_400_000], 0)
    assert value(metrics, "streamproc_decided_seconds_count", stage="decide") is None
    watch.cut(0)
    watch.applied(0, [now_ms], 0)
    watch.committed(0)
    assert value(metrics, "streamproc_decided_seconds_count", stage="decide") == 2
    assert value(metrics, "streamproc_decided_seconds_bucket", stage="decide", le="5.0") == 1
