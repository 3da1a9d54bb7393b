"""A worker tells whether it lives and whether it is at work."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Gauge

from streamproc.runtime.telemetry.health import BEAT_SECONDS, SHOWN, STARTING_SECONDS, Health
from streamproc.runtime.telemetry.web import serve_pages


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock)


def test_a_worker_that_has_just_started_lives_and_is_not_at_work(health: Health) -> None:
    assert health.live.is_fine
    assert not health.at_work.is_fine


def test_a_start_that_takes_too_long_is_no_life(health: Health, clock: Clock) -> None:
    clock.now += STARTING_SECONDS
    assert not health.live.is_fine


def test_a_loop_that_does_not_beat_is_dead_and_not_at_work(health: Health, clock: Clock) -> None:
    health.heartbeat()
    health.ready(4, 4)
    health.unowned([])
    assert (health.live.is_fine, health.at_work.is_fine) == (True, True)
    clock.now += BEAT_SECONDS
    assert (health.live.is_fine, health.at_work.is_fine) == (False, False)


def test_a_worker_is_at_work_when_all_its_partitions_are_recovered(health: Health) -> None:
    health.heartbeat()
    health.unowned([])
    health.ready(4, 3)
    assert (health.at_work.is_fine, health.at_work.reason) == (False, "3 of 4 partitions at work")
    health.ready(4, 4)
    assert health.at_work.is_fine


def test_a_spare_worker_is_at_work_once_it_knows_that_others_have_all_partitions(health: Health) -> None:
    health.heartbeat()
    health.ready(0, 0)
    unknown = "0 of 0 partitions at work; not known yet who has the others"
    assert (health.at_work.is_fine, health.at_work.reason) == (False, unknown)
    health.unowned([])
    assert health.at_work.is_fine


def test_a_worker_beside_partitions_that_nobody_has_is_not_at_work_and_names_them(health: Health) -> None:
    health.heartbeat()
    health.ready(1, 1)
    health.unowned(["events-1", "events-2"])
    said = "1 of 1 partitions at work; nobody has events-1, events-2"
    assert (health.at_work.is_fine, health.at_work.reason) == (False, said)


def test_a_reason_names_a_few_partitions_and_counts_the_rest(health: Health) -> None:
    health.heartbeat()
    health.ready(0, 0)
    health.unowned([f"events-{number}" for number in range(SHOWN + 2)])
    assert health.at_work.reason.endswith(f"events-{SHOWN - 1}, 2 more")


@pytest.fixture
def address(health: Health) -> Iterator[str]:
    registry = CollectorRegistry()
    Gauge("answer", "42", registry=registry).set(42)
    server = serve_pages("127.0.0.1", 0, registry, health)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def ask(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_pages_say_it_by_their_status(address: str, health: Health) -> None:
    assert ask(f"{address}/healthz")[0] == 200
    assert ask(f"{address}/readyz") == (503, "has not joined its group yet\n")
    health.heartbeat()
    health.ready(2, 2)
    health.unowned([])
    assert ask(f"{address}/readyz") == (200, "2 of 2 partitions at work\n")
    assert "answer 42.0" in ask(f"{address}/metrics")[1]
    assert ask(f"{address}/")[0] == 404
